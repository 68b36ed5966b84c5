using System.Net;
using System.Text.RegularExpressions;
using CoopLine.Grains;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Staff;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Staff;

/// <summary>Invitations, roles and the end of accounts.</summary>
public sealed class Managing_staff(OpenToOperators open) : IClassFixture<OpenToOperators>
{
    private RunningSystem Coop => open.Coop;

    [Fact]
    public async Task Somebody_is_invited_chooses_a_password_and_may_do_what_was_said()
    {
        var name = Some.StaffName();
        using var manager = await Manager();
        var link = await Invite(manager, name, roles: "storeManager", stores: "0456 0123 0123");

        using var guest = new StaffBrowser(open.Public);
        var colleague = await Coop.Join(guest, link, name);

        Assert.Contains("登録できました。", guest.Text, StringComparison.Ordinal);
        Coop.Clock.Advance(TimeSpan.FromSeconds(30));
        await guest.SignIn(colleague);
        await guest.Follow();
        Assert.Contains("店長", guest.Text, StringComparison.Ordinal);
        Assert.Contains("0123 0456", guest.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await guest.Open("/staff/accounts")).Status);
        var rows = await Rows(name);
        Assert.Equal([LedgerKind.StaffWaysChanged, LedgerKind.StaffInvited], rows.Select(row => row.Kind));
        Assert.Equal(["storeManager; 0123 0456"], rows.Where(row => row.Kind == LedgerKind.StaffInvited).Select(row => row.Reason));
        Assert.Equal([name, "tester"], rows.Select(row => row.Actor));
    }

    [Fact]
    public async Task A_link_is_shown_once_good_once_and_for_a_day()
    {
        var name = Some.StaffName();
        using var manager = await Manager();
        var link = await Invite(manager, name);
        await manager.Open("/staff/accounts/" + name);
        Assert.DoesNotContain(link, manager.Text, StringComparison.Ordinal);

        using var guest = new StaffBrowser(open.Public);
        using var second = new StaffBrowser(open.Public);
        await second.Open(link);
        var late = (second.Token!, second.Hidden("key"), Colleague: Coop.AppOf(second, name));
        await Coop.Join(guest, link, name);
        await second.Send(link, ("way", "password"), ("password", "mine from now on"), ("key", late.Item2), ("code", late.Colleague.Code()));
        Assert.Equal(HttpStatusCode.Gone, second.Status);
        Assert.Contains("この招待は使えません", second.Text, StringComparison.Ordinal);

        var other = Some.StaffName();
        link = await Invite(manager, other);
        Coop.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, (await guest.Open(link)).Status);
        Coop.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Gone, (await guest.Open(link)).Status);
    }

    [Fact]
    public async Task A_new_link_voids_the_old_one_and_when_it_is_used_all_earlier_ways_in_are_over()
    {
        var colleague = await Coop.NewColleague(StaffRole.Clerk);
        using var browser = new StaffBrowser(open.Public);
        await browser.SignIn(colleague);
        using var manager = await Manager();
        var first = await NewLink(manager, colleague.Name);
        var second = await NewLink(manager, colleague.Name);

        using var guest = new StaffBrowser(open.Public);
        Assert.Equal(HttpStatusCode.Gone, (await guest.Open(first)).Status);
        Assert.Equal(HttpStatusCode.OK, (await browser.Open("/staff/me")).Status); // it was not used yet
        var anew = await Coop.Join(guest, second, colleague.Name);

        Assert.Equal(HttpStatusCode.Redirect, (await browser.Open("/staff/me")).Status);
        Coop.Clock.Advance(TimeSpan.FromSeconds(30));
        await browser.SignIn(colleague);
        Assert.Equal(HttpStatusCode.Redirect, (await browser.Open("/staff/me")).Status);
        await browser.SignIn(anew);
        Assert.Equal(HttpStatusCode.OK, (await browser.Open("/staff/me")).Status);
    }

    [Theory]
    [InlineData("", "鈴木", "clerk", "0123", "1~20文字")]
    [InlineData("a b", "鈴木", "clerk", "0123", "1~20文字")]
    [InlineData("a-name-of-21-letters-", "鈴木", "clerk", "0123", "1~20文字")]
    [InlineData("TESTER", "鈴木", "clerk", "0123", "この名前は使えません")] // has a key
    [InlineData("till", "鈴木", "clerk", "0123", "この名前は使えません")] // the ledger's own
    [InlineData("suzuki", " ", "clerk", "0123", "1~50文字")]
    [InlineData("suzuki", "鈴木", "", "", "役割を1つ以上")]
    [InlineData("suzuki", "鈴木", "boss", "", "役割を1つ以上")]
    [InlineData("suzuki", "鈴木", "clerk", " ", "窓口・店長には店が必要です")]
    [InlineData("suzuki", "鈴木", "clerk", "01/2", "ない店の番号があります")]
    public async Task What_cannot_be_meant_is_said_at_its_field_and_what_was_typed_is_kept(string name, string display, string role, string stores, string said)
    {
        using var manager = await Manager();
        await manager.Open("/staff/accounts/new");

        await manager.Send("/staff/accounts", ("name", name), ("display", display), ("roles", role), ("stores", stores));

        Assert.Contains("うまくいきませんでした", manager.Text, StringComparison.Ordinal);
        Assert.Contains(said, manager.Text, StringComparison.Ordinal);
        Assert.Contains($"value=\"{name}\"", manager.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_exists_is_not_invited_again_however_it_is_written()
    {
        var colleague = await Coop.NewColleague(StaffRole.Clerk);
        using var manager = await Manager();
        await manager.Open("/staff/accounts/new");

        await manager.Send("/staff/accounts", ("name", colleague.Name.ToUpperInvariant()), ("display", "x"), ("roles", "auditor"));

        Assert.Contains("この名前は使えません", manager.Text, StringComparison.Ordinal);
        Assert.Equal([StaffRole.Clerk], (await Coop.Grains.Staff(colleague.Name).Read()).Account!.Roles);
    }

    [Fact]
    public async Task A_name_may_be_Japanese_and_is_the_same_however_wide_its_letters_are_typed()
    {
        var name = "鈴木" + Some.StaffName()[6..];
        using var manager = await Manager();
        var link = await Invite(manager, name.Replace('1', '１'));

        using var guest = new StaffBrowser(open.Public);
        var colleague = await Coop.Join(guest, link, name);
        Coop.Clock.Advance(TimeSpan.FromSeconds(30));
        await guest.SignIn(colleague with { Name = name.Replace('1', '１') });

        await guest.Follow();
        Assert.Equal(HttpStatusCode.OK, guest.Status);
        Assert.Contains(name, guest.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_changes_their_own_roles_or_removes_themselves()
    {
        var colleague = await Coop.NewColleague(StaffRole.Operator);
        using var browser = new StaffBrowser(open.Public);
        await browser.SignIn(colleague);
        var page = "/staff/accounts/" + colleague.Name.ToUpperInvariant();

        foreach (var (action, fields) in (IEnumerable<(string, (string, string)[])>)
                 [
                     (page, [("display", "x"), ("roles", "operator"), ("roles", "approver")]),
                     (page + "/remove", [("sure", "yes")]),
                 ])
        {
            await browser.Open("/staff/me");
            await browser.Send(action, fields);
            Assert.Contains("自分のアカウントは、ここでは変えられません。", browser.Text, StringComparison.Ordinal);
        }

        Assert.Equal([StaffRole.Operator], (await Coop.Grains.Staff(colleague.Name).Read()).Account!.Roles);
    }

    [Fact]
    public async Task Roles_change_and_accounts_end_and_the_ledger_has_both()
    {
        var colleague = await Coop.NewColleague(StaffRole.Clerk);
        using var manager = await Manager();
        var page = "/staff/accounts/" + colleague.Name;
        await manager.Open(page);

        await manager.Send(page, ("display", "佐藤"), ("roles", "auditor"), ("roles", "marketing"), ("stores", ""));
        Assert.Contains("保存しました。", manager.Text, StringComparison.Ordinal);
        await manager.Send(page, ("display", "佐藤"), ("roles", "auditor"), ("roles", "marketing"), ("stores", "")); // again: no change
        await manager.Send(page + "/remove");
        Assert.Contains("確認にチェック", manager.Text, StringComparison.Ordinal);
        await manager.Send(page + "/remove", ("sure", "yes"));
        Assert.Contains("アカウントを消しました。", manager.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(colleague.Name, manager.Text, StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.NotFound, (await manager.Open(page)).Status);
        var rows = (await Rows(colleague.Name)).ToArray();
        Assert.Equal([LedgerKind.StaffRemoved, LedgerKind.StaffChanged, LedgerKind.StaffWaysChanged, LedgerKind.StaffInvited], rows.Select(row => row.Kind));
        Assert.Equal("marketing auditor", rows[1].Reason);
        Assert.Equal(InviteOutcome.Done, await Coop.Grains.StaffDirectory.Invite(new(colleague.Name, "x", [StaffRole.Clerk], null), "", "tester"));
    }

    private async Task<StaffBrowser> Manager()
    {
        var manager = new StaffBrowser(open.Public);
        await manager.SignIn(RunningSystem.StaffKey);
        return manager;
    }

    private static async Task<string> Invite(StaffBrowser manager, string name, string roles = "auditor", string stores = "")
    {
        await manager.Open("/staff/accounts/new");
        await manager.Send("/staff/accounts", ("name", name), ("display", "鈴木"), ("roles", roles), ("stores", stores));
        return LinkOn(manager);
    }

    private static async Task<string> NewLink(StaffBrowser manager, string name)
    {
        await manager.Open("/staff/accounts/" + name);
        await manager.Send($"/staff/accounts/{name}/link");
        return LinkOn(manager);
    }

    private static string LinkOn(StaffBrowser manager)
    {
        var link = Regex.Match(manager.Text, "https://line.coop.example(?<path>/staff/invitation[^<]+)");
        Assert.True(link.Success, manager.Text);
        return link.Groups["path"].Value;
    }

    private async Task<IEnumerable<LedgerRow>> Rows(string name) =>
        (await Coop.Host.Services.GetRequiredService<ILedger>().Find(new(Campaign: LedgerRow.OfStaff + name))).Rows;
}
