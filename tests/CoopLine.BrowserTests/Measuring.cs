using CoopLine.BrowserTests.Fixtures;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CoopLine.BrowserTests;

/// <summary>
/// Sizes are promises and are asserted; times are measured and reported, for they belong to the machine. A run that writes no
/// report takes few of them. Runs alone: the other tests would take the processors that it measures.
/// </summary>
[CollectionDefinition(DisableParallelization = true)]
[Collection(typeof(Measuring))]
public sealed class Measuring(Shop shop) : IClassFixture<Shop>
{
    private const int LimitBytes = 100_000;

    private static readonly int Redemptions = Report.Docs is null ? 3 : 200;
    private static readonly int Loads = Report.Docs is null ? 1 : 11;

    private static readonly Look RealTime = new() { StopClock = false };

    [Fact]
    public async Task The_link_page_is_small()
    {
        var page = await Empty();
        var wire = await Wire.Tap(page);
        await page.GotoAsync((await shop.Coop.TapLink(await shop.Coop.NewFriend())).ToString());
        await Expect(page.MainFrame.Button("連携する")).ToBeVisibleAsync();

        AssertSmall("link page", wire);
    }

    [Fact]
    public async Task The_coupon_page_is_small_with_its_list_and_with_a_code()
    {
        var phone = await MemberWithCoupons();
        var page = await Empty();
        var wire = await Wire.Tap(page);
        await page.GotoAsync(shop.CouponsOf(phone).ToString());
        await Expect(page.MainFrame.Coupon("豆腐 30円引")).ToBeVisibleAsync();
        AssertSmall("coupon page, list of three", wire);

        await page.MainFrame.ShowCode("豆腐 30円引");
        AssertSmall("coupon page, list and code", wire);
    }

    [Fact]
    public async Task Usable_on_slow_4G()
    {
        var phone = await MemberWithCoupons();
        foreach (var (name, latency, down, up) in new[]
                 {
                     ("1.6 Mbit/s, 150 ms", 150, 1_638_400, 768_000),
                     ("1.44 Mbit/s, 562.5 ms", 562, 1_440_000, 675_000),
                 })
        {
            var (link, list) = (new List<double>(), new List<double>());
            for (var i = 0; i < Loads; i++)
            {
                link.Add(await Load(await shop.Coop.TapLink(await shop.Coop.NewFriend()), "form button[type=submit]"));
                list.Add(await Load(shop.CouponsOf(phone), "[data-usable] input"));
            }

            Report.Add(Report.Loads, "link page", name, Loads, Median(link), Whole(link.Max()));
            Report.Add(Report.Loads, "coupon page", name, Loads, Median(list), Whole(list.Max()));

            async Task<double> Load(Uri address, string usable)
            {
                var page = await Empty();
                await page.AddInitScriptAsync(
                    $$"""
                    const look = () => document.querySelector('{{usable}}')?.checkVisibility()
                      ? requestAnimationFrame(() => { window.usableAt = performance.now(); }) : requestAnimationFrame(look);
                    look();
                    """);
                await (await Wire.Tap(page)).Throttle(latency, down, up);
                await page.GotoAsync(address.ToString());
                var at = await (await page.WaitForFunctionAsync("() => window.usableAt")).JsonValueAsync<double>();
                await page.Context.CloseAsync();
                return at;
            }
        }
    }

    [Fact]
    public async Task The_screen_follows_the_till()
    {
        var phone = await MemberWithCoupons();
        var screen = await shop.OpenCoupons(phone, RealTime);
        await screen.ShowCode("豆腐 30円引");
        // Notes each change between used and not used, by the page's own eyes, after it is drawn.
        await screen.EvaluateAsync(
            """
            () => {
              const used = () => [...document.querySelectorAll('h2')].some(one => one.textContent.includes('ご利用済み') && one.checkVisibility());
              let before = used();
              window.changes = [];
              new MutationObserver(() => {
                if (used() === before) return;
                before = !before;
                requestAnimationFrame(() => window.changes.push(Date.now()));
              }).observe(document.body, { subtree: true, childList: true, attributes: true });
            }
            """);
        var (uses, voids) = (new Latencies(), new Latencies());
        var changes = 0;
        for (var i = 0; i < Redemptions; i++)
        {
            var sale = shop.Coop.Sale(await screen.Code());
            await Measure(uses, () => shop.Coop.Redeem(sale));
            await Measure(voids, () => shop.Coop.Void(sale));
        }

        uses.Report("redemption");
        voids.Report("void");

        async Task Measure(Latencies latencies, Func<Task> act)
        {
            var sent = Now();
            await act();
            var answered = Now();
            var shown = await (await screen.WaitForFunctionAsync("many => window.changes[many]", changes++)).JsonValueAsync<double>();
            latencies.Add(shown - sent, shown - answered);
        }
    }

    private static double Now() => (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMilliseconds;

    private static string Median(List<double> values) => Whole(values.Order().ElementAt(values.Count / 2));

    private static string Whole(double value) => value.ToString("F0", System.Globalization.CultureInfo.InvariantCulture);

    private async Task<IPage> Empty() => await (await shop.NewBrowser(RealTime)).NewPageAsync();

    private async Task<SimulatedPhone> MemberWithCoupons()
    {
        await shop.Offer(
            ("豆腐 30円引", Some.Campaign()),
            ("牛乳 10%引", Some.Campaign(10, "percent", "4901234567900")),
            ("食パン 98円", Some.Campaign(98, "price", "4901234567917")));
        return (await shop.Coop.LinkedFriend()).Phone;
    }

    private void AssertSmall(string what, Wire wire)
    {
        var (requests, bytes) = wire.From(shop.Coop.Host.Address);
        Assert.InRange(requests, 3, 20); // page, style sheet, script: the tap has heard of them
        Assert.InRange(bytes, 1, LimitBytes);
        Report.Add(Report.Transfers, what, requests, bytes);
    }

    private sealed class Latencies
    {
        private readonly List<double> fromRequest = [];
        private readonly List<double> fromAnswer = [];

        public void Add(double sinceRequest, double sinceAnswer)
        {
            fromRequest.Add(sinceRequest);
            fromAnswer.Add(sinceAnswer);
        }

        public void Report(string what) => Fixtures.Report.Add(
            Fixtures.Report.Updates, what, fromRequest.Count, Median(fromRequest), Whole(fromRequest.Max()),
            Median(fromAnswer), Whole(fromAnswer.Max()));
    }
}
