using CoopLine.BrowserTests.Fixtures;
using CoopLine.Tests.Fixtures;

namespace CoopLine.BrowserTests;

/// <summary>A scanner reads the screen as it is drawn: both codes, on small and large phones, coarse and fine.</summary>
public sealed class Scanning(Shop shop) : IClassFixture<Shop>
{
    public static MatrixTheoryData<int, int, bool> Looks { get; } = new([320, 375, 430], [1, 3], [false, true]);

    [Theory]
    [MemberData(nameof(Looks))]
    public async Task Barcode_and_QR_are_read_from_the_screenshot(int width, int ratio, bool dark)
    {
        var (phone, _) = await shop.Coop.LinkedFriend();
        await shop.Offer(("豆腐 30円引", Some.Campaign()));
        var screen = await shop.OpenCoupons(phone, new() { Width = width, Ratio = ratio, Dark = dark });
        var code = await screen.ShowCode("豆腐 30円引");

        var read = await Scanner.Read(await screen.Page.ScreenshotAsync(new() { FullPage = true }));

        Assert.Equal([$"EAN-13:{code}", $"QR-Code:{code}"], read);
        Report.Add(Report.Scans, width, ratio, dark ? "dark" : "light", "EAN-13 and QR, both the 13 digits on screen");
    }
}
