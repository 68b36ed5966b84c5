using CoopLine.Grains.Accounts;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;
using CoopLine.Silo.Monitoring.Invariants;
using CoopLine.Tests.Fixtures;
using CoopLine.Tests.Storage;
using Microsoft.Extensions.Time.Testing;

namespace CoopLine.Tests.Monitoring;

/// <summary>What must never be, put into the database past all rules.</summary>
public sealed class Finding_violations(GroupCommitHost host) : IClassFixture<GroupCommitHost>, IAsyncLifetime
{
    private static int numbers = 20_000_000;

    private readonly FakeTimeProvider clock = new();
    private readonly string member = Next();
    private readonly string campaign = "tofu-" + Next();
    private InvariantWatcher watcher = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var end = await host.Scalar<long>("SELECT coalesce(max(seq), 0) FROM ledger");
        watcher = new(
            host.Database, host.Service<ILedger>(), host.Service<IStateReader>(), clock, end);
    }

    public ValueTask DisposeAsync() => default;

    [Fact]
    public async Task Uses_one_after_the_other_are_none()
    {
        var first = Use(Receipt(), member);
        var back = Rows.GivenBack(first);
        var second = Use(Receipt(), member);
        await Coupon(member, second, first, back, second);

        Assert.Empty(await watcher.Check(Cancellation));
    }

    [Theory]
    [InlineData(2, 2, "accepted", true)]
    [InlineData(3, 2, "accepted", false)]
    [InlineData(2, 1, "accepted", false)]
    [InlineData(2, 2, "inFlight", false)]
    public async Task A_message_that_is_over_adds_up(int planned, int inBlock, string state, bool addsUp)
    {
        await host.Execute($"INSERT INTO send_plan (campaign, topic, open, turn, persons, blocks, left_out) VALUES ('{campaign}', 'store', 0, 1, {planned}, 1, '{{}}')");
        await host.Execute(
            $"INSERT INTO send_block (campaign, number, state, first_seq, last_seq, persons) VALUES ('{campaign}', 1, '{state}', 1, 2, {inBlock})");
        for (var seq = 1; seq <= 2; seq++)
            await host.Execute($"INSERT INTO send_person VALUES ('{campaign}', {seq}, 'U{seq}-{campaign}', NULL, 1, NULL)");
        await File(new() { Id = "over|" + campaign, Kind = LedgerKind.MessageEnded, At = clock.GetUtcNow(), Campaign = LedgerRow.OfMessage + campaign });

        var found = await watcher.Check(Cancellation);
        Assert.Equal(addsUp ? [] : [Invariant.MessagesAddUp], found.Select(violation => violation.Invariant));
    }

    [Fact]
    public async Task Two_uses_by_one_member_are_found_once()
    {
        var (one, other) = (Use(Receipt(), member), Use(Receipt(), member));
        await Coupon(member, one, one);
        await File(other);

        var found = await watcher.Check(Cancellation);
        var violation = Assert.Single(found.Where(violation => violation.Invariant == Invariant.OneUseAPerson).Distinct());
        Assert.Contains(one.Receipt!, violation.What, StringComparison.Ordinal);
        Assert.Contains(other.Receipt!, violation.What, StringComparison.Ordinal);
        Assert.DoesNotContain(member, violation.What, StringComparison.Ordinal);
        Assert.Contains(one.TraceId!, violation.Traces, StringComparison.Ordinal);
        Assert.Contains(found, violation => violation.Invariant == Invariant.LedgerIsState);
        Assert.Empty(await watcher.Check(Cancellation));
    }

    [Fact]
    public async Task Two_uses_by_one_account_under_two_numbers_are_found()
    {
        var (earlier, account) = (Next(), Account());
        await host.Write(StateNames.LineAccount, "u-" + account, new LineAccountState { EarlierMembers = [earlier] });
        var (one, other) = (Use(Receipt(), earlier) with { Account = account }, Use(Receipt(), member) with { Account = account });
        await Coupon(earlier, one, one);
        await Coupon(member, other, other);

        Assert.Equal(Invariant.OneUseAPerson, Assert.Single((await watcher.Check(Cancellation)).Distinct()).Invariant);
    }

    [Fact]
    public async Task Two_accounts_of_one_member_are_found_unless_one_link_has_ended()
    {
        var (one, other, third) = (Linked(member, Account()), Linked(member, Account()), Linked(member, Account()));
        await File(one);
        await File(one with { Id = "un" + one.Id, Kind = LedgerKind.Unlinked });
        await File(other);
        Assert.Empty(await watcher.Check(Cancellation));

        await File(third);
        Assert.Equal(Invariant.OneAccountAMember, Assert.Single((await watcher.Check(Cancellation)).Distinct()).Invariant);
    }

    [Fact]
    public async Task Two_members_of_one_account_are_found()
    {
        var (other, account) = (Next(), Account());
        await host.Write(StateNames.LineAccount, "u-" + account, new LineAccountState { Link = new("x", account, other, Rows.Noon, 1) });
        await File(Linked(member, account));
        await File(Linked(other, account));

        Assert.Equal(Invariant.OneMemberAnAccount, Assert.Single((await watcher.Check(Cancellation)).Distinct()).Invariant);
    }

    [Fact]
    public async Task A_use_that_the_state_does_not_know_and_a_state_without_its_use_are_found()
    {
        await File(Use(Receipt(), member));
        Assert.Equal(Invariant.LedgerIsState, Assert.Single(await watcher.Check(Cancellation)).Invariant);

        var other = Next();
        var use = Use(Receipt(), other);
        await Coupon(other, use, use, Rows.GivenBack(use));
        Assert.Equal(Invariant.LedgerIsState, Assert.Single(await watcher.Check(Cancellation)).Invariant);
    }

    [Fact]
    public async Task A_row_that_was_overtaken_by_later_ones_is_found()
    {
        await File(Linked(member, Account()));
        await host.Execute(TestDatabase.IsPostgreSql
            ? "SELECT setval(pg_get_serial_sequence('ledger', 'seq'), nextval(pg_get_serial_sequence('ledger', 'seq')) + 5)"
            : "UPDATE sqlite_sequence SET seq = seq + 5 WHERE name = 'ledger'");
        await File(Linked(Next(), Account()));
        Assert.Empty(await watcher.Check(Cancellation));

        // The transaction that took an earlier number commits only now.
        var late = Linked(member, Account());
        var (columns, values) = TestDatabase.IsPostgreSql ? (", at_utc", ", '2026-11-22T03:00:00Z'::timestamptz") : ("", "");
        await host.Execute(
            $"""
            INSERT INTO ledger (seq, id, kind, at, member, account, yen, given_back{columns})
            {(TestDatabase.IsPostgreSql ? "OVERRIDING SYSTEM VALUE" : "")}
            SELECT max(seq) - 2, '{late.Id}', 'linked', '2026-11-22T12:00:00+09:00', '{member}', '{late.Account}', 0,
                {(TestDatabase.IsPostgreSql ? "false" : "0")}{values}
            FROM ledger
            """);
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(Invariant.OneAccountAMember, Assert.Single((await watcher.Check(Cancellation)).Distinct()).Invariant);
    }

    private static string Next() => Interlocked.Increment(ref numbers).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string Account() => "U-" + Next();

    private static string Receipt() => "2026-11-22/0123/05/" + Next();

    private static LedgerRow Linked(string member, string account) => new()
    {
        Id = "linked|" + Next(),
        Kind = LedgerKind.Linked,
        At = Rows.Noon,
        Member = member,
        Account = account,
        TraceId = "trace-" + account,
    };

    private LedgerRow Use(string receipt, string member) => Rows.Used(receipt, campaign, member, hash: receipt) with { TraceId = "trace-" + receipt };

    /// <summary>The coupon's state, and rows that arrive with it.</summary>
    private async Task Coupon(string member, LedgerRow standing, params LedgerRow[] rows)
    {
        Assert.True(ReceiptKey.TryParse(standing.Receipt!, out var receipt));
        await host.Write(StateNames.Coupon, $"k-{campaign}/{member}", new CouponState
        {
            Use = new(receipt, standing.RequestHash!, standing.Account!, 1, standing.At, 1, standing.Yen, 1),
            Ledger = [.. rows],
        });
    }

    /// <summary>A row that belongs to no coupon.</summary>
    private async Task File(LedgerRow row) => await host.Write("tests-rows", "k-" + Next(), Rows.With(row));
}
