using System.Text.Json;
using CoopLine.Silo.RichMenus;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;
using Microsoft.Playwright;

namespace CoopLine.BrowserTests.Fixtures;

/// <summary>The whole system at an address that browsers reach, and the browsers: a context of their own for each phone.</summary>
public sealed class Shop : IAsyncLifetime
{
    /// <summary>For what a browser is to do or to show: this machine may have two processors, and other work.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<IBrowserContext> browsers = [];
    private readonly List<IBrowserContext> stopped = []; // their clocks are the system's
    private readonly List<string> offered = [];
    private string? test;

    public Shop()
    {
        var address = $"http://127.0.0.1:{Ports.Free()}";
        Ops = new($"http://127.0.0.1:{Ports.Free()}");
        Coop = new()
        {
            Wrap = services => services.AddRichMenus(),
            Also =
            {
                ["urls"] = address,
                ["CoopLine:PublicBaseUrl"] = address,
                ["CoopLine:Ops:Url"] = Ops.GetLeftPart(UriPartial.Authority),
                ["CoopLine:Staff:ApiKeys:approver"] = RunningSystem.ApproverKey,
                ["CoopLine:Messages:BlockPersons"] = "10", // as in the demo
                ["CoopLine:Stores:0123"] = "みどり店",
                ["CoopLine:Stores:0456"] = "さくら店",
            },
        };
    }

    public RunningSystem Coop { get; }

    /// <summary>Where operators look.</summary>
    public Uri Ops { get; }

    public ValueTask InitializeAsync() => Coop.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await CloseBrowsers();
        await Coop.DisposeAsync();
    }

    /// <summary>
    /// A browser without memory, as in private mode. It tells the system's time, standing still; its timers run.
    /// </summary>
    internal async Task<IBrowserContext> NewBrowser(Look? look = null, SimulatedPhone? owner = null)
    {
        look ??= new();
        // Pages that an earlier test left open would go on asking, and take this one's time.
        if (Interlocked.Exchange(ref test, TestContext.Current.Test?.UniqueID) != TestContext.Current.Test?.UniqueID) await CloseBrowsers();
        var browser = await Chromium.Running.NewContextAsync(new()
        {
            Locale = look.Locale,
            TimezoneId = "Asia/Tokyo",
            ViewportSize = new() { Width = look.Width, Height = look.Height },
            DeviceScaleFactor = look.Ratio,
            ColorScheme = look.Dark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
            JavaScriptEnabled = look.JavaScript,
        });
        browser.SetDefaultTimeout((float)Patience.TotalMilliseconds);
        if (owner is not null)
        {
            // Whose LINE is signed in here: the simulator's dialog asks its cookie.
            await browser.AddCookiesAsync(
                [new() { Name = "simulator-line-user", Value = owner.UserId, Domain = "127.0.0.1", Path = "/" }]);
        }

        lock (browsers) browsers.Add(browser);
        if (!look.JavaScript || !look.StopClock) return browser;
        await browser.Clock.SetFixedTimeAsync(Coop.Clock.GetUtcNow().UtcDateTime);
        lock (browsers) stopped.Add(browser);
        return browser;
    }

    private async Task CloseBrowsers()
    {
        IBrowserContext[] open;
        lock (browsers)
        {
            open = [.. browsers];
            browsers.Clear();
            stopped.Clear();
        }

        foreach (var one in open) await one.DisposeAsync();
    }

    /// <summary>A browser with one page in it.</summary>
    internal async Task<IFrame> Open(Uri address, Look? look = null, SimulatedPhone? owner = null)
    {
        var page = await (await NewBrowser(look, owner)).NewPageAsync();
        await page.GotoAsync(address.ToString());
        return page.MainFrame;
    }

    /// <summary>Another tab of the same browser.</summary>
    internal static async Task<IFrame> OpenTab(IFrame first, Uri address)
    {
        var page = await first.Page.Context.NewPageAsync();
        await page.GotoAsync(address.ToString());
        return page.MainFrame;
    }

    /// <summary>Moves the clock of everything: the system, LINE, and what the browsers tell.</summary>
    internal async Task Advance(TimeSpan by)
    {
        Coop.Clock.Advance(by);
        foreach (var one in stopped) await one.Clock.SetFixedTimeAsync(Coop.Clock.GetUtcNow().UtcDateTime);
    }

    /// <summary>
    /// An open page hears within ten seconds of what no till did. Its connection may have looked a moment before, and wait
    /// from now: as long as nothing shows, a little more time passes.
    /// </summary>
    internal async Task AdvanceUntil(ILocator shown)
    {
        for (var more = 0; ; more++)
        {
            await Advance(TimeSpan.FromSeconds(10));
            try
            {
                await Assertions.Expect(shown).ToBeVisibleAsync(new() { Timeout = 6_000 });
                return;
            }
            catch (PlaywrightException) when (more < 10)
            {
            }
        }
    }

    /// <summary>Taps the banner and opens the page of the message.</summary>
    internal async Task<IFrame> OpenLink(SimulatedPhone phone, Look? look = null)
    {
        var screen = await Open(await Coop.TapLink(phone), look, phone);
        if (look?.JavaScript is not false) await Assertions.Expect(screen.GetByRole(AriaRole.Timer)).ToBeVisibleAsync(); // the ten minutes run
        return screen;
    }

    /// <summary>The coupon page as this phone's owner sees it.</summary>
    internal Task<IFrame> OpenCoupons(SimulatedPhone phone, Look? look = null) => Open(CouponsOf(phone), look, phone);

    /// <summary>The simulator as people see it: phones side by side and a till. Only friends made before have their phones there.</summary>
    internal Task<IFrame> OpenShowroom() => Open(Coop.Line.BaseAddress, new() { Width = 1400, Height = 1000 });

    /// <summary>A friend's phone with a name, as it stands in the showroom.</summary>
    internal async Task<SimulatedPhone> NewFriend(string name)
    {
        var phone = Coop.Line.Phone(Some.LineUserId(), name);
        await phone.Follow();
        return phone;
    }

    internal Uri CouponsOf(SimulatedPhone phone) => new(Coop.Host.Address, $"/coupons?liffUser={phone.UserId}");

    /// <summary>Instead of the simulator's menus, the ones that are drawn for the co-op, as the command makes them.</summary>
    internal async Task PublishMenus()
    {
        foreach (var menu in Coop.Line.RichMenus.All) Coop.Line.RichMenus.Delete((string)menu["richMenuId"]!);
        await Coop.Host.Services.GetRequiredService<RichMenuPublisher>().Publish(dryRun: false, _ => { });
    }

    /// <summary>From now on these campaigns are on, and no others.</summary>
    /// <returns>Their ids.</returns>
    internal async Task<string[]> Offer(params (string Title, object Definition)[] campaigns)
    {
        foreach (var old in offered) await Stop(old);
        offered.Clear();
        foreach (var (title, definition) in campaigns) offered.Add(await Publish(title, definition));
        return [.. offered];
    }

    /// <summary>Every page shows it from now on.</summary>
    internal async Task<string> Publish(string title, object definition, string? id = null)
    {
        var campaign = JsonSerializer.SerializeToNode(definition)!;
        campaign["title"] = title;
        id = await Coop.Publish(campaign, id);
        await Advance(TimeSpan.FromSeconds(1)); // what is published shows within a second
        return id;
    }

    /// <summary>Ends a campaign by hand; pages know it from now on.</summary>
    internal async Task Stop(string campaign)
    {
        using var stopped = await Coop.Staff().PostAsync($"/staff/v1/campaigns/{campaign}/stop", null);
        Assert.True(stopped.IsSuccessStatusCode, await stopped.Content.ReadAsStringAsync());
        await Advance(TimeSpan.FromSeconds(1));
    }
}

/// <summary>How a page is looked at.</summary>
internal sealed record Look
{
    public int Width { get; init; } = 375;
    public int Height { get; init; } = 720;
    public float Ratio { get; init; } = 1;
    public bool Dark { get; init; }
    public bool JavaScript { get; init; } = true;
    public string Locale { get; init; } = "ja-JP";

    /// <summary>Off where real time is measured.</summary>
    public bool StopClock { get; init; } = true;
}
