using System.Net;
using System.Text.Json;
using CoopLine.Grains;
using CoopLine.Grains.Accounts;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Line;
using CoopLine.Grains.Members;
using CoopLine.Grains.Registry;
using CoopLine.Grains.Storage;
using CoopLine.Silo.Monitoring.Invariants;
using CoopLine.Silo.Storage;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Staff;

/// <summary>Somebody has left the co-op and is to be forgotten: who they were, and nothing of what was sold.</summary>
public sealed class Erasing_a_person(RunningSystem coop) : IClassFixture<RunningSystem>
{
    [Fact]
    public async Task Nothing_in_the_database_names_the_person_any_more_and_everything_that_was_sold_is_as_it_was()
    {
        var campaigns = new List<string>();
        for (var i = 0; i < 4; i++) campaigns.Add(await coop.Publish(Some.Campaign(jan: Jan(i))));
        var (phone, earlier) = await coop.LinkedFriend();
        var single = await Use(phone, campaigns[0]);
        await coop.UnlinkByStaff(earlier);
        await phone.WaitForRichMenu(LinkingSteps.DefaultMenu);
        var other = await coop.NewFriend();
        await coop.Link(other, earlier);
        var member = earlier with { Number = Some.Member().Number };
        await coop.Register(earlier with { Status = "withdrawn", ReplacedBy = member.Number }, member);
        await coop.NextRound();
        await other.WaitForMessage("新しい番号に変わりました");
        var several = await Use(other, campaigns[1], campaigns[2]);
        var voided = await Use(other, campaigns[3]);
        await coop.Void(voided);
        var code = await coop.ShowCode(other, campaigns[3]);
        await coop.ClearLocks(member.Number);
        var stranger = await coop.NewFriend();
        await coop.Answer(await coop.OpenPage(stranger), member, birthDate: "19990101");
        await coop.Withdraw(member);
        await coop.NextRound();
        await other.WaitForMessage("ご登録がなくなった");
        await Consistency.Finished(coop);
        var sold = await Sold();

        using (var answer = await coop.Erase(member.Number)) Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await coop.UntilErased(member.Number);

        var dump = await coop.EverythingStored();
        var hash = coop.Host.Services.GetRequiredService<RegistryHash>();
        ErasureSteps.AssertNowhere(
            dump, member.Number, earlier.Number, phone.UserId, other.UserId, hash.Phone(member.Phone), code, "運転免許証");
        Assert.Contains(hash.MemberNumber(member.Number), dump, StringComparison.Ordinal);
        Assert.Equal(sold, await Sold());
        await Consistency.Check(coop);
        Assert.Empty(await Watcher().Check(TestContext.Current.CancellationToken));
        foreach (var sale in new[] { single, several })
        {
            var again = await coop.Redeem(sale);
            Assert.Equal(("redeemed", true), (again.Outcome, again.Replayed));
        }

        await coop.Void(several);
        Assert.Equal(2, (await coop.LedgerOf(several)).Count(row => row.StartsWith("voided", StringComparison.Ordinal) && row.EndsWith("given back", StringComparison.Ordinal)));
        await Consistency.Check(coop);
    }

    [Fact]
    public async Task Staff_see_that_a_number_was_erased_and_the_ledger_says_who_did_it_and_why()
    {
        var (_, member) = await coop.LinkedFriend();
        await coop.Withdraw(member);

        using var answer = await coop.Erase(member.Number, reason: "退会者の申し出", identityCheck: "身分証");
        var begun = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("erased");
        await coop.UntilErased(member.Number);

        var seen = await coop.Look(member.Number);
        Assert.Equal("tester", begun.GetProperty("by").GetString());
        Assert.Equal(begun.ToString(), seen.GetProperty("erased").ToString());
        Assert.False(seen.GetProperty("known").GetBoolean());
        Assert.Empty(seen.GetProperty("history").EnumerateArray());
        Assert.Empty(await coop.Ledger(member.Number));
        using var staff = coop.Staff();
        var row = (await staff.GetFromJsonAsync<JsonElement>("/staff/v1/ledger?kind=erased&limit=1")).GetProperty("rows")[0];
        Assert.Equal(("tester", "退会者の申し出", "身分証"), (
            row.GetProperty("actor").GetString(), row.GetProperty("reason").GetString(), row.GetProperty("identityCheck").GetString()));
        Assert.False(row.TryGetProperty("member", out _));
    }

    [Fact]
    public async Task The_same_call_again_answers_the_same_while_it_is_done_and_afterwards()
    {
        var (_, member) = await coop.LinkedFriend();
        await coop.Withdraw(member);
        var rows = await Erasures();

        var first = await Erased(member.Number);
        coop.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(first, await Erased(member.Number));
        await coop.UntilErased(member.Number);
        Assert.Equal(first, await Erased(member.Number));
        await coop.ClearLocks(member.Number);

        Assert.Equal(rows + 1, await Erasures());
        ErasureSteps.AssertNowhere(await coop.EverythingStored(), member.Number);
    }

    [Fact]
    public async Task Who_has_not_left_is_not_erased()
    {
        var (phone, member) = await coop.LinkedFriend();
        var (_, replaced) = await coop.LinkedFriend();
        var successor = replaced with { Number = Some.Member().Number };
        await coop.Register(replaced with { ReplacedBy = successor.Number }, successor);
        var rows = await Erasures();

        using var active = await coop.Erase(member.Number);
        using var moved = await coop.Erase(replaced.Number);
        using var unknown = await coop.Erase(Some.Member().Number);
        using var malformed = await coop.Erase("12A");
        using var wordless = await coop.Erase(member.Number, reason: " ");

        Assert.EndsWith(":still-a-member", (await active.AssertProblem(HttpStatusCode.Conflict)).GetProperty("type").GetString(), StringComparison.Ordinal);
        Assert.EndsWith(":number-replaced", (await moved.AssertProblem(HttpStatusCode.Conflict)).GetProperty("type").GetString(), StringComparison.Ordinal);
        await unknown.AssertProblem(HttpStatusCode.NotFound);
        await malformed.AssertBad("number");
        await wordless.AssertBad("reason");
        Assert.True(await coop.IsLinked(member.Number, phone));
        Assert.Equal(rows, await Erasures());
    }

    [Fact]
    public async Task A_link_that_still_stands_ends_first_and_the_friend_is_told()
    {
        var (phone, member) = await coop.LinkedFriend();
        await Import(ImportMode.Delta, member with { Status = "withdrawn" });
        Assert.True(await coop.IsLinked(member.Number, phone));

        await Erased(member.Number);
        await phone.WaitForRichMenu(LinkingSteps.DefaultMenu);
        await phone.WaitForMessage("ご登録がなくなった");
        await coop.UntilErased(member.Number);

        ErasureSteps.AssertNowhere(await coop.EverythingStored(), member.Number, phone.UserId);
    }

    [Fact]
    public async Task Who_is_absent_from_the_registry_can_be_erased_and_the_link_ends_with_it()
    {
        var (phone, member) = await coop.LinkedFriend();
        await coop.Import("full", Some.Member());

        await Erased(member.Number);
        await coop.UntilErased(member.Number);

        ErasureSteps.AssertNowhere(await coop.EverythingStored(), member.Number, phone.UserId);
        Assert.Equal(LinkingSteps.DefaultMenu, phone.RichMenu);
    }

    [Fact]
    public async Task Who_comes_back_with_the_same_LINE_account_has_used_what_they_used()
    {
        var (phone, member) = await coop.LinkedFriend();
        var (tofu, milk) = (await coop.Publish(), await coop.Publish());
        await Use(phone, tofu);
        await coop.WithdrawAndErase(member);

        await coop.Link(phone, await coop.NewMember());

        await AssertUsedUp(phone, tofu);
        Assert.Equal("redeemed", (await coop.Use(phone, milk)).Answer.Outcome);
    }

    [Fact]
    public async Task Who_comes_back_with_the_same_number_has_used_what_they_used()
    {
        var (phone, member) = await coop.LinkedFriend();
        var (tofu, milk) = (await coop.Publish(), await coop.Publish());
        await Use(phone, tofu);
        await coop.WithdrawAndErase(member);

        await coop.Register(member);
        var other = await coop.NewFriend();
        await coop.Link(other, member);

        await AssertUsedUp(other, tofu);
        Assert.Equal("redeemed", (await coop.Use(other, milk)).Answer.Outcome);
        Assert.Empty((await coop.Look(member.Number)).GetProperty("history").EnumerateArray());
    }

    [Fact]
    public async Task Who_has_used_something_under_an_earlier_number_has_used_it_also_under_the_number_that_they_come_back_with()
    {
        var (phone, old) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        await Use(phone, tofu);
        var member = old with { Number = Some.Member().Number };
        await coop.Register(old with { Status = "withdrawn", ReplacedBy = member.Number }, member);
        await coop.NextRound();
        await phone.WaitForMessage("新しい番号に変わりました");
        await coop.WithdrawAndErase(member);

        await coop.Register(member);
        var other = await coop.NewFriend();
        await coop.Link(other, member);

        await AssertUsedUp(other, tofu);
    }

    [Fact]
    public async Task An_account_that_has_another_number_by_now_keeps_that_one_and_forgets_the_erased_one()
    {
        var (phone, member) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var (rice, milk) = (await coop.Publish(Some.Campaign(jan: Jan(1))), await coop.Publish(Some.Campaign(jan: Jan(2))));
        await Use(phone, tofu);
        await phone.Unlink();
        var next = await coop.NewMember();
        await coop.Link(phone, next);
        await Use(phone, rice, milk); // the receipt keeps the code, which knows the earlier number

        await coop.WithdrawAndErase(member);

        ErasureSteps.AssertNowhere(await coop.EverythingStored(), member.Number);
        Assert.True(await coop.IsLinked(next.Number, phone));
        await AssertUsedUp(phone, tofu);
        await Consistency.Check(coop);
    }

    [Fact]
    public async Task At_every_moment_of_the_erasure_what_was_used_is_used()
    {
        var (phone, member) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        await Use(phone, tofu);
        await phone.Unlink();
        await coop.Link(phone, await coop.NewMember());
        await coop.Withdraw(member);

        var looks = 0;
        await Erased(member.Number);
        while (await coop.Erasing(member.Number) is { } erasing)
        {
            await AssertUsedUp(phone, tofu);
            coop.Clock.Advance(erasing.Accounts is [] ? TimeSpan.FromMinutes(5) : TimeSpan.FromSeconds(6));
            await coop.Grains.Sweeper.Sweep();
            looks++;
        }

        Assert.True(looks > 1);
        await AssertUsedUp(phone, tofu);
    }

    [Fact]
    public async Task A_later_full_file_that_still_has_the_number_as_withdrawn_brings_nothing_back()
    {
        var (_, member) = await coop.LinkedFriend();
        await coop.WithdrawAndErase(member);

        var report = await coop.Import("full", member with { Status = "withdrawn" }, Some.Member());
        coop.ForgetMembers();

        Assert.Equal((2, 0), (report.GetProperty("accepted").GetInt32(), report.GetProperty("rejected").GetInt32()));
        var hash = coop.Host.Services.GetRequiredService<RegistryHash>();
        ErasureSteps.AssertNowhere(await coop.EverythingStored(), member.Number, hash.Phone(member.Phone));
        Assert.Equal("tester", (await coop.Look(member.Number)).GetProperty("erased").GetProperty("by").GetString());
    }

    [Fact]
    public async Task Who_has_come_back_and_left_again_can_be_erased_again()
    {
        var (phone, member) = await coop.LinkedFriend();
        await coop.WithdrawAndErase(member);
        await coop.Register(member);
        using (var active = await coop.Erase(member.Number)) await active.AssertProblem(HttpStatusCode.Conflict);
        await coop.Link(phone, member);

        await coop.WithdrawAndErase(member);

        ErasureSteps.AssertNowhere(await coop.EverythingStored(), member.Number, phone.UserId);
        await Consistency.Check(coop);
    }

    [Fact]
    public async Task An_answer_of_LINE_that_comes_after_it_does_not_bring_the_account_back()
    {
        var (phone, member) = await coop.LinkedFriend();
        await coop.WithdrawAndErase(member);

        await coop.Grains.Account(phone.UserId).MenuShown(ShownMenu.Default, LineCallResult.Accepted);

        ErasureSteps.AssertNowhere(await coop.EverythingStored(), member.Number, phone.UserId);
    }

    [Fact]
    public async Task A_use_that_is_under_way_all_the_time_comes_too_late_and_leaves_no_trace()
    {
        var (phone, member) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var sale = coop.Sale(await coop.ShowCode(phone, tofu));
        var write = coop.Faults.Hold(StateNames.Coupon);
        using var till = coop.Till();
        var call = till.PostAsJsonAsync("/pos/v1/redemptions", sale);
        await write.Reached;

        await coop.WithdrawAndErase(member);
        write.Release();
        using var answer = await call;

        Assert.Empty(await coop.LedgerOf(sale));
        ErasureSteps.AssertNowhere(await coop.EverythingStored(), member.Number, phone.UserId);
    }

    [Fact]
    public async Task A_receipt_that_is_half_decided_is_finished_first()
    {
        var (phone, member) = await coop.LinkedFriend();
        var (rice, milk) = (await coop.Publish(Some.Campaign(jan: Jan(1))), await coop.Publish(Some.Campaign(jan: Jan(2))));
        var sale = coop.Sale(await coop.ShowCode(phone, rice, milk), lines: [Sale.Line(1, Jan(1)), Sale.Line(2, Jan(2))]);
        var second = coop.Faults.Hold(StateNames.Coupon, nth: 2);
        using var till = coop.Till();
        var call = till.PostAsJsonAsync("/pos/v1/redemptions", sale);
        await second.Reached;
        await coop.Withdraw(member);
        await Erased(member.Number);
        await Eventually.Holds(async () => await coop.Erasing(member.Number) is { Accounts: [] }, "The account has not forgotten.");
        coop.Clock.Advance(Grains.Members.Erasing.Wait);

        await coop.Grains.Member(member.Number).Finish();
        Assert.NotNull(await coop.Erasing(member.Number));
        second.Release();
        using (await call) { }
        await coop.UntilErased(member.Number);

        Assert.Equal(2, (await coop.LedgerOf(sale)).Length);
        ErasureSteps.AssertNowhere(await coop.EverythingStored(), member.Number, phone.UserId);
        await Consistency.Check(coop);
    }

    [Fact]
    public async Task A_dialog_that_comes_back_after_the_erasure_has_begun_links_nothing()
    {
        var (phone, member) = await coop.Newcomer();
        var dialog = await coop.FillInForm(phone, member);
        await coop.Withdraw(member);
        await Erased(member.Number);

        await coop.Line.OpenAccountLinkDialog(dialog, phone.UserId);
        await phone.Settle();
        await coop.UntilErased(member.Number);
        Assert.Equal(LinkingSteps.DefaultMenu, phone.RichMenu);
        await coop.WithdrawAndErase(member); // what the refusal wrote goes as well

        ErasureSteps.AssertNowhere(await coop.EverythingStored(), member.Number);
    }

    [Fact]
    public async Task While_an_import_is_read_nobody_is_taken_out_so_that_it_cannot_bring_them_back()
    {
        var (_, member) = await coop.LinkedFriend();
        await coop.Withdraw(member);
        await Erased(member.Number);
        await Eventually.Holds(async () => await coop.Erasing(member.Number) is { Accounts: [] }, "The account has not forgotten.");
        // Before time passes: from then on the sweeper finishes erasures by itself.
        var now = coop.Database.Time(coop.Clock.GetUtcNow() + Grains.Members.Erasing.Wait);
        await Import("INSERT INTO registry_import (mode, status, started_at, alive_at) VALUES ('delta', 'staging', @now, @now)", now);
        coop.Clock.Advance(Grains.Members.Erasing.Wait);

        await coop.Grains.Member(member.Number).Finish();
        Assert.NotNull(await coop.Erasing(member.Number));
        await Import("UPDATE registry_import SET status = 'stopped', ended_at = @now WHERE status = 'staging'", now);

        await coop.UntilErased(member.Number);
    }

    [Fact]
    public async Task The_plan_of_a_message_that_is_just_written_is_waited_for_so_that_it_cannot_bring_them_back()
    {
        TestDatabase.SkipOnSqlite("transactions beside each other");
        var (phone, member) = await coop.LinkedFriend();
        await coop.Withdraw(member);
        await Erased(member.Number);
        await Eventually.Holds(async () => await coop.Erasing(member.Number) is { Accounts: [] }, "The account has not forgotten.");
        var cancellation = TestContext.Current.CancellationToken;
        await using var planning = await coop.Database.OpenWriter(cancellation);
        await using var transaction = await planning.BeginTransactionAsync(cancellation);
        await using var write = planning.Command(
            """
            INSERT INTO send_plan (campaign, topic, open, turn, persons, blocks, left_out) VALUES ('planned', 'store', 0, 0, 1, 1, '{}');
            INSERT INTO send_person (campaign, seq, account, member, block) VALUES ('planned', 1, @account, @member, 1)
            """,
            ("@account", phone.UserId), ("@member", member.Number));
        await write.ExecuteNonQueryAsync(cancellation);

        coop.Clock.Advance(Grains.Members.Erasing.Wait);
        var erasing = coop.Grains.Member(member.Number).Finish();
        await Eventually.Holds(async () => erasing.IsCompleted || await IsWaiting(), "Nobody waits.");
        await transaction.CommitAsync(cancellation);
        await erasing;
        await coop.UntilErased(member.Number);

        ErasureSteps.AssertNowhere(await coop.EverythingStored(), member.Number, phone.UserId);
    }

    [Fact]
    public async Task Nor_the_account_when_it_goes_at_that_moment()
    {
        TestDatabase.SkipOnSqlite("transactions beside each other");
        var phone = await coop.NewFriend();
        await phone.Settle();
        await coop.SenderIsIdle(phone);
        var cancellation = TestContext.Current.CancellationToken;
        await using var planning = await coop.Database.OpenWriter(cancellation);
        await using var read = planning.Command("SELECT Version FROM OrleansStorage WHERE GrainIdExtensionString = @key", ("@key", "u-" + phone.UserId));
        var version = (int)(await read.ExecuteScalarAsync(cancellation))!;
        await using var transaction = await planning.BeginTransactionAsync(cancellation);
        await using var write = planning.Command(
            """
            INSERT INTO send_plan (campaign, topic, open, turn, persons, blocks, left_out) VALUES ('gone', 'store', 0, 0, 1, 1, '{}');
            INSERT INTO send_person (campaign, seq, account, block) VALUES ('gone', 1, @account, 1)
            """,
            ("@account", phone.UserId));
        await write.ExecuteNonQueryAsync(cancellation);

        var erasing = coop.Host.Services.GetRequiredService<IErasures>().TakeOutAccount(phone.UserId, version);
        await Eventually.Holds(async () => erasing.IsCompleted || await IsWaiting(), "Nobody waits.");
        await transaction.CommitAsync(cancellation);

        Assert.True(await erasing);
        ErasureSteps.AssertNowhere(await coop.EverythingStored(), phone.UserId);
    }

    [Fact]
    public async Task Nobody_links_the_number_while_it_is_erased()
    {
        var (_, member) = await coop.LinkedFriend();
        await coop.Withdraw(member);
        await Erased(member.Number);
        await coop.Register(member); // back within the quarter of an hour

        var other = await coop.NewFriend();
        var page = await coop.OpenPage(other);
        Assert.Null((await coop.Answer(page, member)).Location);

        await coop.UntilErased(member.Number);
        await coop.Link(other, member);
        Assert.True(await coop.IsLinked(member.Number, other));
    }

    private async Task<string> Erased(string number)
    {
        using var answer = await coop.Erase(number);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("erased").ToString();
    }

    private async Task<Sale> Use(SimulatedPhone phone, params string[] campaigns)
    {
        object[] lines = campaigns is [_] ? [Sale.Line()] : [.. campaigns.Select((_, i) => Sale.Line(i + 1, Jan(i + 1)))];
        if (campaigns is [_]) lines = [.. Enumerable.Range(0, 4).Select(i => Sale.Line(i + 1, Jan(i))), Sale.Line(5)];
        var sale = coop.Sale(await coop.ShowCode(phone, campaigns), lines: lines);
        Assert.Equal("redeemed", (await coop.Redeem(sale)).Outcome);
        return sale;
    }

    private async Task AssertUsedUp(SimulatedPhone phone, string campaign)
    {
        Assert.DoesNotContain(campaign, (await coop.Available(phone)).Campaigns("usable"));
        using var refused = await coop.AskForCode(phone, campaign);
        var problem = await refused.AssertProblem(HttpStatusCode.Conflict);
        Assert.Equal("alreadyUsed", problem.GetProperty("refusals")[0].GetProperty("reason").GetString());
    }

    /// <summary>What the ledger adds up to, by day, store, campaign and kind.</summary>
    private async Task<string[]> Sold() =>
    [
        .. from row in await StoredState.Ledger(coop.Host.Services.GetRequiredService<ILedger>())
           where row.Campaign is not null
           group row by $"{row.At:yyyy-MM-dd} {row.Store} {row.Campaign} {row.Kind}" into rows
           orderby rows.Key
           select $"{rows.Key}: {rows.Count()} of {rows.Sum(row => row.Yen)}, {rows.Count(row => row.GivenBack)} given back",
    ];

    private async Task<int> Erasures() =>
        (await StoredState.Ledger(coop.Host.Services.GetRequiredService<ILedger>())).Count(row => row.Kind == LedgerKind.Erased);

    private InvariantWatcher Watcher() => new(
        coop.Database, coop.Host.Services.GetRequiredService<ILedger>(), coop.Host.Services.GetRequiredService<IStateReader>(), coop.Clock);

    private async Task Import(string sql, object now)
    {
        await using var connection = await coop.Database.OpenWriter(default);
        await using var command = connection.Command(sql, ("@now", now));
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>And the sweeper does not go round at once.</summary>
    private async Task Import(ImportMode mode, RegisteredMember member)
    {
        using var csv = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(Some.Csv(member)));
        var report = await coop.Host.Services.GetRequiredService<IRegistryImport>().Run(csv, new(mode, Force: true), null, default);
        Assert.Equal(ImportOutcome.Applied, report.Outcome);
    }

    private static string Jan(int item)
    {
        var digits = $"49012345{item:D4}";
        var sum = digits.Select((digit, place) => (digit - '0') * (place % 2 == 0 ? 1 : 3)).Sum();
        return digits + ((10 - (sum % 10)) % 10);
    }

    /// <summary>For a plan that is being written.</summary>
    private async Task<bool> IsWaiting()
    {
        await using var connection = await coop.Database.OpenReader(TestContext.Current.CancellationToken);
        await using var command = connection.Command("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'send_plan'::regclass)");
        return (bool)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
