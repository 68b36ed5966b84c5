using System.Net;
using System.Text.RegularExpressions;
using CoopLine.Grains;
using CoopLine.Grains.Staff;
using CoopLine.Tests.Fixtures;
using CoopLine.Webhook.Console;

namespace CoopLine.Tests.Staff;

/// <summary>The door of the staff's pages: what opens it, and what does not.</summary>
public sealed partial class Signing_in(OpenToOperators open) : IClassFixture<OpenToOperators>
{
    private RunningSystem Coop => open.Coop;

    [Theory] // RFC 6238, appendix B: the last six of its eight digits
    [InlineData(1_111_111_111, "050471")]
    [InlineData(1_111_111_109, "081804")]
    [InlineData(20_000_000_000, "353130")]
    public void The_codes_are_those_of_the_standard(long seconds, string code)
    {
        const string key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        var now = DateTimeOffset.FromUnixTimeSeconds(seconds);

        Assert.Equal(seconds / 30, Totp.StepOf(code, key, now.AddSeconds(30)));
        Assert.Equal(seconds / 30, Totp.StepOf(code, key, now.AddSeconds(-30)));
        Assert.Null(Totp.StepOf(code, key, now.AddSeconds(60)));
        Assert.Null(Totp.StepOf(code, key, now.AddSeconds(-60)));
    }

    [Fact]
    public async Task A_name_with_password_and_code_opens_the_page_that_was_wanted()
    {
        var auditor = await Coop.NewColleague(StaffRole.Auditor);
        using var browser = new StaffBrowser(open.Operators);

        await browser.Open("/ops/search?q=tofu");
        Assert.Equal("/staff/sign-in?from=%2Fops%2Fsearch%3Fq%3Dtofu", browser.Location);
        await browser.Open(browser.Location!);
        await browser.Send(
            "/staff/sign-in?from=%2Fops%2Fsearch%3Fq%3Dtofu",
            ("way", "password"), ("name", auditor.Name.ToUpperInvariant()), ("password", auditor.Password), ("code", auditor.Code()));

        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.Contains("value=\"tofu\"", browser.Text, StringComparison.Ordinal);
        Assert.Contains(auditor.Name + "さん", browser.Text, StringComparison.Ordinal);
        Assert.Contains("監査", browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whatever_is_wrong_the_answer_looks_the_same()
    {
        var clerk = await Coop.NewColleague(StaffRole.Clerk);
        var wrong = new List<string>();
        foreach (var tried in (Colleague[])
                 [
                     clerk with { Password = "incorrect horse battery" },
                     clerk with { Key = Totp.NewKey() },
                     clerk with { Name = "nobody-at-all" },
                     clerk with { Name = "tester" }, // has a key, and no account
                     clerk with { Password = "" },
                 ])
        {
            using var browser = new StaffBrowser(open.Public);
            await browser.SignIn(tried);
            await browser.Follow();
            Assert.Contains("サインインできません。", browser.Text, StringComparison.Ordinal);
            wrong.Add(Secrets().Replace(browser.Text.Replace(tried.Name, "NAME", StringComparison.Ordinal), "…"));
        }

        Assert.Single(wrong.Distinct());
    }

    [Fact]
    public async Task A_password_without_a_code_is_nothing()
    {
        var clerk = await Coop.NewColleague(StaffRole.Clerk);
        using var browser = new StaffBrowser(open.Public);

        await browser.SignIn(clerk, code: "");

        Assert.StartsWith("/staff/sign-in", browser.Location, StringComparison.Ordinal);
        Assert.False(await IsIn(browser));
    }

    [Fact]
    public async Task A_code_opens_once_and_none_that_is_older_opens_after_it()
    {
        var clerk = await Coop.NewColleague(StaffRole.Clerk);
        var code = clerk.Code();
        using var first = new StaffBrowser(open.Public);
        await first.SignIn(clerk, code);
        Assert.True(await IsIn(first));

        foreach (var used in (string[])[code, clerk.Code(ago: 1)])
        {
            using var second = new StaffBrowser(open.Public);
            await second.SignIn(clerk, used);
            Assert.False(await IsIn(second));
        }

        Coop.Clock.Advance(TimeSpan.FromSeconds(30));
        using var third = new StaffBrowser(open.Public);
        await third.SignIn(clerk);
        Assert.True(await IsIn(third));
    }

    [Theory]
    [InlineData(-1, true)] // the app's clock is fast
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(-2, false)]
    public async Task A_code_of_the_half_minute_before_or_after_opens_as_well(int ago, bool opens)
    {
        var clerk = await Coop.NewColleague(StaffRole.Clerk);
        using var browser = new StaffBrowser(open.Public);

        await browser.SignIn(clerk, clerk.Code(ago));

        Assert.Equal(opens, await IsIn(browser));
    }

    [Fact]
    public async Task Five_wrong_tries_lock_the_password_for_a_minute_and_the_next_ones_for_longer()
    {
        var clerk = await Coop.NewColleague(StaffRole.Clerk);
        await Miss(clerk, times: 5);
        Assert.False(await Opens(clerk));

        Coop.Clock.Advance(TimeSpan.FromMinutes(1));
        await Miss(clerk, times: 1);
        Coop.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.False(await Opens(clerk)); // two minutes by now

        Coop.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(await Opens(clerk));
        await Miss(clerk, times: 4); // counted from the beginning
        Coop.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.True(await Opens(clerk));
    }

    [Fact]
    public async Task Tries_at_the_same_moment_are_no_more_than_tries_one_after_another()
    {
        var clerk = await Coop.NewColleague(StaffRole.Clerk);

        var looked = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Coop.Grains.Staff(clerk.Name).Try()));

        Assert.Equal(5, looked.Count(one => one is not null));
    }

    [Fact]
    public async Task A_staff_key_opens_and_another_word_does_not()
    {
        using var browser = new StaffBrowser(open.Operators);
        await browser.SignIn("no-such-key-at-all");
        await browser.Follow();
        Assert.Contains("このキーではサインインできません。", browser.Text, StringComparison.Ordinal);

        await browser.SignIn(RunningSystem.StaffKey, from: "");
        Assert.Equal("/ops", browser.Location); // on this address, of somebody who may see it
        await browser.Follow();
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.Contains("tester", browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_is_an_accounts_or_a_keys_and_never_both()
    {
        await using var coop = new RunningSystem();
        await coop.InitializeAsync();
        var clerk = await coop.NewColleague(StaffRole.Clerk);
        using var before = new StaffBrowser(coop.Host.Address);
        await before.SignIn(clerk);
        coop.Also["CoopLine:Staff:ApiKeys:" + clerk.Name.ToUpperInvariant()] = "somebody-elses-key";
        await coop.Restart();

        using var old = new StaffBrowser(coop.Host.Address);
        old.Cookies.Add(before.Cookies.GetCookies(coop.Host.Address));
        Assert.False(await IsIn(old));
        using var withKey = new StaffBrowser(coop.Host.Address);
        await withKey.SignIn("somebody-elses-key");
        Assert.False(await IsIn(withKey));
        coop.Clock.Advance(TimeSpan.FromSeconds(30));
        using var withPassword = new StaffBrowser(coop.Host.Address);
        await withPassword.SignIn(clerk);
        Assert.False(await IsIn(withPassword));
    }

    [Theory]
    [InlineData("https://evil.example/ops")]
    [InlineData("//evil.example/staff")]
    [InlineData("/\\evil.example")]
    [InlineData("/staff\\..\\evil")]
    [InlineData("/opsevil")]
    [InlineData("/coupons")]
    [InlineData("/staff/sign-in?from=/ops")]
    [InlineData("/staff/me\n")]
    [InlineData("javascript:alert(1)")]
    public async Task Afterwards_one_is_on_a_page_of_ours_whatever_the_address_says(string from)
    {
        using var browser = new StaffBrowser(open.Public);

        await browser.SignIn(RunningSystem.StaffKey, from);

        Assert.Equal("/staff/me", browser.Location);
    }

    [Theory]
    [InlineData("cross-site", true)]
    [InlineData("same-site", true)]
    [InlineData("none", true)]
    [InlineData("same-origin", false)]
    [InlineData(null, false)]
    public async Task A_form_of_another_site_or_without_its_token_does_nothing(string? site, bool hasToken)
    {
        using var browser = new StaffBrowser(open.Public);
        await browser.Open("/staff/sign-in");

        await browser.Post("/staff/sign-in", site, hasToken ? browser.Token : null, ("way", "key"), ("key", RunningSystem.StaffKey));

        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Contains("もう一度お願いします", browser.Text, StringComparison.Ordinal);
        Assert.False(await IsIn(browser));
    }

    [Fact]
    public async Task A_token_of_somebody_elses_page_does_nothing_and_an_old_browser_needs_no_more_than_its_own()
    {
        using var stranger = new StaffBrowser(open.Public);
        await stranger.Open("/staff/sign-in");
        using var browser = new StaffBrowser(open.Public);
        await browser.Open("/staff/sign-in");

        await browser.Post("/staff/sign-in", "same-origin", stranger.Token, ("way", "key"), ("key", RunningSystem.StaffKey));
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);

        await browser.Open("/staff/sign-in");
        await browser.Post("/staff/sign-in", site: null, browser.Token, ("way", "key"), ("key", RunningSystem.StaffKey));
        Assert.True(await IsIn(browser));
    }

    [Fact]
    public async Task Guesses_from_one_address_are_turned_away_and_the_pages_are_not()
    {
        await using var coop = new RunningSystem { Also = { ["CoopLine:RateLimits:StaffSignIns"] = "3" } };
        await coop.InitializeAsync();
        using var browser = new StaffBrowser(coop.Host.Address);
        for (var i = 0; i < 3; i++) await browser.SignIn("no-such-key-at-all");
        Assert.Equal(HttpStatusCode.SeeOther, browser.Status);

        await browser.SignIn(RunningSystem.StaffKey);

        Assert.Equal(HttpStatusCode.TooManyRequests, browser.Status);
        Assert.Contains("少しお待ちください", browser.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await browser.Open("/staff/sign-in")).Status);
    }

    [Fact]
    public async Task Outside_of_the_demo_nobody_picks_a_role()
    {
        using var browser = new StaffBrowser(open.Public);
        await browser.Open("/staff/sign-in");
        Assert.DoesNotContain("役割をえらぶ", browser.Text, StringComparison.Ordinal);

        foreach (var (path, way) in (IEnumerable<(string, string)>)[("/staff/sign-in/demo", ""), ("/staff/sign-in", "demo")])
        {
            await browser.Open("/staff/sign-in");
            await browser.Post(path, ("way", way), ("name", "tester"));
            Assert.False(await IsIn(browser));
        }
    }

    [Fact]
    public async Task In_the_demo_a_role_is_picked_of_those_that_are_offered()
    {
        await using var coop = new RunningSystem
        {
            Wrap = services => services.AddSingleton(new DemoStaff(["demo-clerk"])),
            Also =
            {
                ["CoopLine:Staff:ApiKeys:demo-clerk"] = "nobody-knows-this-key",
                ["CoopLine:Staff:Roles:demo-clerk"] = "clerk",
                ["CoopLine:Staff:Stores:demo-clerk"] = "0123",
            },
        };
        await coop.InitializeAsync();
        using var browser = new StaffBrowser(coop.Host.Address);

        await browser.Open("/staff/sign-in");
        Assert.Contains("役割をえらぶ", browser.Text, StringComparison.Ordinal);
        await browser.Post("/staff/sign-in/demo", ("name", "tester"));
        Assert.False(await IsIn(browser));
        await browser.Open("/staff/sign-in");
        await browser.Post("/staff/sign-in/demo", ("name", "demo-clerk"));
        Assert.True(await IsIn(browser));
        Assert.Contains("窓口", browser.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.Open("/staff/accounts")).Status);
    }

    [Theory]
    [InlineData("/ops/login", "/staff/sign-in?from=%2Fops")]
    [InlineData("/ops/login?from=/ops/search", "/staff/sign-in?from=%2Fops%2Fsearch")]
    public async Task The_old_address_of_the_login_leads_here(string old, string to)
    {
        using var browser = new StaffBrowser(open.Operators);

        Assert.Equal(to, (await browser.Open(old)).Location);
    }

    private static async Task<bool> IsIn(StaffBrowser browser) => (await browser.Open("/staff/me")).Status == HttpStatusCode.OK;

    private async Task<bool> Opens(Colleague colleague)
    {
        using var browser = new StaffBrowser(open.Public);
        await browser.SignIn(colleague);
        return await IsIn(browser);
    }

    /// <summary>At the same moment: each refusal takes its time.</summary>
    private Task Miss(Colleague colleague, int times) => Task.WhenAll(Enumerable.Range(0, times).Select(async _ =>
    {
        using var browser = new StaffBrowser(open.Public);
        await browser.SignIn(colleague, password: "incorrect horse battery");
        Assert.False(await IsIn(browser));
    }));

    [GeneratedRegex("""(?<=name="form" value=")[^"]+""")]
    private static partial Regex Secrets();
}
