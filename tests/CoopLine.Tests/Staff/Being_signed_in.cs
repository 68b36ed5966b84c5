using System.Net;
using CoopLine.Grains;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Staff;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Staff;

/// <summary>How long somebody is signed in, where, and what ends it.</summary>
public sealed class Being_signed_in(OpenToOperators open) : IClassFixture<OpenToOperators>
{
    private RunningSystem Coop => open.Coop;

    [Fact]
    public async Task Ten_minutes_without_doing_anything_end_it_and_doing_something_keeps_it()
    {
        using var browser = await SignedIn(await Coop.NewColleague(StaffRole.Clerk));
        for (var i = 0; i < 4; i++)
        {
            Coop.Clock.Advance(TimeSpan.FromMinutes(9) + TimeSpan.FromSeconds(59));
            Assert.True(await IsIn(browser));
        }

        // A use within the minute after one that was written counts as well.
        Coop.Clock.Advance(TimeSpan.FromSeconds(50));
        Assert.True(await IsIn(browser));
        Coop.Clock.Advance(TimeSpan.FromMinutes(9) + TimeSpan.FromSeconds(30));
        Assert.True(await IsIn(browser));

        Coop.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.False(await IsIn(browser));
        Assert.Equal("/staff/sign-in?from=%2Fstaff%2Fme", browser.Location);
    }

    [Fact]
    public async Task After_ten_hours_it_is_over_whatever_was_done()
    {
        using var browser = await SignedIn(await Coop.NewColleague(StaffRole.Clerk));
        for (var i = 0; i < 66; i++)
        {
            Coop.Clock.Advance(TimeSpan.FromMinutes(9));
            Assert.True(await IsIn(browser), $"after {i} times nine minutes");
        }

        Coop.Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.False(await IsIn(browser));
    }

    [Fact]
    public async Task A_role_that_is_taken_away_is_gone_with_the_next_page()
    {
        var colleague = await Coop.NewColleague(StaffRole.Auditor, StaffRole.Marketing);
        using var browser = await SignedIn(colleague, open.Operators);
        Assert.Equal(HttpStatusCode.OK, (await browser.Open("/ops")).Status);

        await Coop.Grains.Staff(colleague.Name).Change(new(colleague.Name, "x", [StaffRole.Marketing], null), "tester");

        Assert.Equal(HttpStatusCode.Forbidden, (await browser.Open("/ops")).Status);
        Assert.True(await IsIn(browser));
    }

    [Fact]
    public async Task An_account_that_is_removed_is_signed_out_everywhere()
    {
        var colleague = await Coop.NewColleague(StaffRole.Auditor);
        using var browser = await SignedIn(colleague, open.Operators);

        await Coop.Grains.StaffDirectory.Remove(colleague.Name, "tester");

        Assert.StartsWith("/staff/sign-in", (await browser.Open("/ops")).Location, StringComparison.Ordinal);
        Coop.Clock.Advance(TimeSpan.FromSeconds(30));
        await browser.SignIn(colleague);
        Assert.False(await IsIn(browser));
    }

    [Fact]
    public async Task One_sees_ones_browsers_and_ends_one_of_them_or_all()
    {
        var colleague = await Coop.NewColleague(StaffRole.Clerk);
        using var first = await SignedIn(colleague);
        Coop.Clock.Advance(TimeSpan.FromSeconds(30));
        using var second = await SignedIn(colleague);
        Coop.Clock.Advance(TimeSpan.FromSeconds(30));
        using var third = await SignedIn(colleague);
        var sessions = (await Coop.Grains.Staff(colleague.Name).Read()).Sessions;
        Assert.Equal(3, sessions.Length);

        await third.Open("/staff/me");
        Assert.Equal(3, third.Text.Split("name=\"session\"").Length - 1);
        await third.Send("/staff/me/sessions/end", ("session", sessions[0].Hash));
        Assert.Contains("サインインを終えました。", third.Text, StringComparison.Ordinal);
        Assert.False(await IsIn(first));
        Assert.True(await IsIn(second));

        await third.Open("/staff/me");
        await third.Post("/staff/me/sessions/end");
        Assert.False(await IsIn(second));
        Assert.False(await IsIn(third));
        Assert.DoesNotContain(await Rows(colleague.Name), row => row.Kind == LedgerKind.StaffSessionsEnded); // their own
    }

    [Fact]
    public async Task Signing_out_ends_the_session_and_not_only_the_cookie()
    {
        using var browser = await SignedIn(await Coop.NewColleague(StaffRole.Clerk));
        using var copy = new StaffBrowser(open.Public);
        copy.Cookies.Add(browser.Cookies.GetCookies(open.Public));
        Assert.True(await IsIn(copy));

        await browser.Open("/staff/me");
        await browser.Post("/staff/sign-out");

        Assert.Equal("/staff/sign-in", browser.Location);
        Assert.False(await IsIn(browser));
        Assert.False(await IsIn(copy));
    }

    [Fact]
    public async Task Who_manages_the_staff_ends_anybodys_and_the_ledger_has_it()
    {
        var colleague = await Coop.NewColleague(StaffRole.Clerk);
        using var browser = await SignedIn(colleague);
        using var manager = new StaffBrowser(open.Public);
        await manager.SignIn(RunningSystem.StaffKey);

        await manager.Open("/staff/accounts/" + colleague.Name);
        await manager.Send($"/staff/accounts/{colleague.Name}/sessions/end");

        Assert.False(await IsIn(browser));
        Assert.Equal("tester", Assert.Single(await Rows(colleague.Name), row => row.Kind == LedgerKind.StaffSessionsEnded).Actor);
    }

    [Fact]
    public async Task The_cookie_is_good_in_another_process_and_after_a_restart_and_not_when_its_key_is_gone()
    {
        await using var coop = new RunningSystem { Also = { ["CoopLine:Staff:ApiKeys:sato"] = "the-key-of-sato-01" } };
        await coop.InitializeAsync();
        var colleague = await coop.NewColleague(StaffRole.Clerk);
        using var withAccount = new StaffBrowser(coop.Host.Address);
        await withAccount.SignIn(colleague);
        using var withKey = new StaffBrowser(coop.Host.Address);
        await withKey.SignIn("the-key-of-sato-01");

        var rival = await coop.StartRival();
        foreach (var one in (StaffBrowser[])[withAccount, withKey])
        {
            using var there = new StaffBrowser(rival.Address);
            there.Cookies.Add(one.Cookies.GetCookies(coop.Host.Address));
            Assert.True(await IsIn(there));
        }

        coop.Also.Remove("CoopLine:Staff:ApiKeys:sato");
        await coop.Restart();
        using var account = new StaffBrowser(coop.Host.Address);
        account.Cookies.Add(withAccount.Cookies.GetCookies(coop.Host.Address));
        Assert.True(await IsIn(account));
        using var key = new StaffBrowser(coop.Host.Address);
        key.Cookies.Add(withKey.Cookies.GetCookies(coop.Host.Address));
        Assert.False(await IsIn(key));
    }

    [Fact]
    public async Task What_a_page_asks_by_itself_keeps_nobody_signed_in_and_ends_with_the_session()
    {
        var colleague = await Coop.NewColleague(StaffRole.Auditor);
        using var browser = await SignedIn(colleague, open.Operators);
        using var http = new HttpClient(new HttpClientHandler { CookieContainer = browser.Cookies, AllowAutoRedirect = false }) { BaseAddress = open.Operators };
        Coop.Clock.Advance(TimeSpan.FromMinutes(9));
        using var events = await http.GetAsync("/ops/events", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, events.StatusCode);

        Coop.Clock.Advance(TimeSpan.FromMinutes(1));

        // It ends by itself: reading goes on until there is nothing more to come.
        await (await events.Content.ReadAsStreamAsync()).CopyToAsync(Stream.Null).WaitAsync(TimeSpan.FromMinutes(1));
        Assert.False(await IsIn(browser));
    }

    [Fact]
    public async Task Changing_the_password_signs_out_the_other_browsers_and_the_old_one_opens_nothing()
    {
        var colleague = await Coop.NewColleague(StaffRole.Clerk);
        using var other = await SignedIn(colleague);
        Coop.Clock.Advance(TimeSpan.FromSeconds(30));
        using var browser = await SignedIn(colleague);
        await browser.Open("/staff/me/password");
        var changed = Coop.AppOf(browser, colleague.Name) with { Password = "another horse battery" };

        await browser.Send("/staff/me/password", ("password", changed.Password), ("key", browser.Hidden("key")), ("code", changed.Code(ago: 5)));
        Assert.Contains("コードがちがいます。", browser.Text, StringComparison.Ordinal);
        await browser.Send("/staff/me/password", ("password", "short"), ("key", browser.Hidden("key")), ("code", changed.Code()));
        Assert.Contains("12文字以上", browser.Text, StringComparison.Ordinal);
        await browser.Send("/staff/me/password", ("password", changed.Password), ("key", browser.Hidden("key")), ("code", changed.Code()));

        Assert.Contains("パスワードを保存しました。", browser.Text, StringComparison.Ordinal);
        Assert.True(await IsIn(browser));
        Assert.False(await IsIn(other));
        Coop.Clock.Advance(TimeSpan.FromSeconds(30));
        await other.SignIn(colleague);
        Assert.False(await IsIn(other));
        await other.SignIn(changed);
        Assert.True(await IsIn(other));
    }

    private async Task<StaffBrowser> SignedIn(Colleague colleague, Uri? at = null)
    {
        var browser = new StaffBrowser(at ?? open.Public);
        await browser.SignIn(colleague);
        Assert.True(await IsIn(browser));
        return browser;
    }

    private static async Task<bool> IsIn(StaffBrowser browser) => (await browser.Open("/staff/me")).Status == HttpStatusCode.OK;

    private async Task<IEnumerable<LedgerRow>> Rows(string name) =>
        (await Coop.Host.Services.GetRequiredService<ILedger>().Find(new(Campaign: LedgerRow.OfStaff + name))).Rows;
}
