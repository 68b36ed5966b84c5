using CoopLine.BrowserTests.Fixtures;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CoopLine.BrowserTests;

/// <summary>The showroom's message to 300 friends, while LINE is down and while its answers are lost.</summary>
public sealed class Showroom_sending(Shop shop) : Screens(shop), IClassFixture<Shop>
{
    private static readonly Look Desk = new() { Width = 1000, Height = 800, StopClock = false };

    [Fact]
    public async Task Whatever_is_unplugged_everybody_has_it_once_in_the_end()
    {
        await Shop.Coop.Line.CoopLineIsListening(Shop.Coop.Host.Address, TestContext.Current.CancellationToken);
        var seen = await Shop.NewFriend("さくらのスマホ");
        var screen = await Shop.Open(new(Shop.Coop.Line.BaseAddress, "pages/send.html"), Desk);
        await Check("showroom-send", "the showroom: a message to 300 friends, before it is sent", screen);

        await screen.Press("300人の友だちに送る");
        await Expect(screen.GetByText("送信中です。")).ToBeVisibleAsync();
        await Until(() => Accepted(screen), atLeast: 50);

        await Plug("LINEが落ちている(500)", async () =>
        {
            await Until(() => Task.FromResult(Answers(call => call.Status == 500)), atLeast: 1); // whichever call it is
            await Expect(screen.Field("LINEが落ちている(500)")).ToBeCheckedAsync();
        });
        await Until(() => Accepted(screen), atLeast: 120);
        await Plug("LINEは受け付けるが、応答が届かない", async () =>
        {
            await Until(() => Task.FromResult(Answers(call => call is { Name: LineCall.Multicast, Status: 200, Dropped: true })), atLeast: 1);
            await Expect(screen.GetByText("終わりました。")).Not.ToBeVisibleAsync();
        });

        await Until(() => Accepted(screen), atLeast: 301);
        await Expect(screen.GetByText("終わりました。受け付け 301人 = 届いた 301人。2回届いた人はいません。")).ToBeVisibleAsync();
        await Resize(screen.Page, Desk.Width, Desk.Height);
        await Check("showroom-sent", "the same after LINE was down, and after its answers were lost: everybody once", screen);

        Assert.True(Answers(call => call.Status == 409) > 0, "LINE was asked again for what it had taken.");
        Assert.All(Shop.Coop.Line.AllPhones, phone => Assert.Single(phone.Messages, message => message.Way == MessageWay.Multicast));
        Assert.Equal(30, Shop.Coop.Line.AllPhones.Count(phone => phone.Messages.Any(message => message.Text.Contains("連携された方へ", StringComparison.Ordinal))));
        Assert.Contains(seen.Messages, message => message.Way == MessageWay.Multicast);

        async Task Plug(string name, Func<Task> meanwhile)
        {
            await screen.Field(name).CheckAsync();
            await meanwhile();
            await screen.Field(name).UncheckAsync();
        }
    }

    private int Answers(Func<RecordedCall, bool> which) => Shop.Coop.Line.Calls.Count(which);

    private static async Task<int> Accepted(IFrame screen) =>
        int.TryParse((await screen.Locator("#accepted").InnerTextAsync()).TrimEnd('人'), out var persons) ? persons : 0;

    /// <summary>While time goes on: blocks become due, and back-offs end.</summary>
    private Task Until(Func<Task<int>> count, int atLeast) => Eventually.Holds(
        async () =>
        {
            await Shop.Advance(TimeSpan.FromSeconds(1));
            return await count() >= atLeast;
        },
        $"{atLeast}");
}
