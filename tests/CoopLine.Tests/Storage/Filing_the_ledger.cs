using System.Data.Common;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;
using CoopLine.Tests.Fixtures;
using Orleans.Storage;

namespace CoopLine.Tests.Storage;

public sealed class Filing_the_ledger_with_group_commit(GroupCommitHost host) : Filing_the_ledger(host), IClassFixture<GroupCommitHost>;

public sealed class Filing_the_ledger_with_AdoNet(AdoNetHost host) : Filing_the_ledger(host), IClassFixture<AdoNetHost>;

public abstract class Filing_the_ledger(StorageHost host)
{
    private ILedger Ledger => host.Service<ILedger>();

    [Fact]
    public async Task Rows_are_filed_with_the_state_that_carries_them()
    {
        var use = Rows.Used("2026-11-22/0123/05/000001", "tofu", "1001");
        await host.Write(StateNames.Coupon, "k-1001", Rows.With(use));

        Assert.Equal(use, Assert.Single(await Ledger.OfReceipt(use.Receipt!)));
    }

    [Fact]
    public async Task Rows_of_an_update_are_filed_too()
    {
        var use = Rows.Used("2026-11-22/0123/05/000002", "tofu", "1002");
        var state = await host.Write(StateNames.Coupon, "k-1002", new Note { Text = "free" });
        await host.Write(StateNames.Coupon, "k-1002", Rows.With(use), state.ETag);

        Assert.Equal(use, Assert.Single(await Ledger.OfReceipt(use.Receipt!)));
    }

    [Fact]
    public async Task Every_field_comes_back_as_it_was()
    {
        var full = new LedgerRow
        {
            Id = "restored|x",
            Kind = LedgerKind.LocksCleared,
            At = new DateTimeOffset(2026, 11, 22, 10, 15, 0, TimeSpan.FromHours(9)).AddTicks(1234567),
            Campaign = "tofu",
            Member = "1003",
            Account = "U-1003",
            Store = "0123",
            Receipt = "2026-11-22/0123/05/000003",
            Line = 7,
            Yen = 198,
            RequestHash = "bb",
            Amends = "used|y",
            GivenBack = true,
            Actor = "desk",
            Reason = "「壊れた」\n",
            IdentityCheck = "called back",
            Answer = """{"outcome":"partial"}""",
            TraceId = "0af7651916cd43dd8448eb211c80319c",
            Version = 3,
            Decision = "5c1f0e9ab7d24c6e8a13f0d94b62e7c1",
        };
        var bare = new LedgerRow { Id = "linked|x", Kind = LedgerKind.Linked, At = Rows.Noon, Receipt = full.Receipt };
        await host.Write(StateNames.Coupon, "k-1003", Rows.With(full, bare));

        Assert.Equal([full, bare], await Ledger.OfReceipt(full.Receipt));
    }

    [Fact]
    public async Task Rows_that_are_written_again_are_filed_once()
    {
        var use = Rows.Used("2026-11-22/0123/05/000004", "tofu", "1004");
        var state = await host.Write(StateNames.Coupon, "k-1004", Rows.With(use));
        state = await host.Write(StateNames.Coupon, "k-1004", Rows.With(use), state.ETag);
        await host.Write(StateNames.Coupon, "k-1004", Rows.With(use, Rows.GivenBack(use)), state.ETag);
        await host.Write(StateNames.Receipt, "r-1004", Rows.With(use));

        Assert.Equal([use, Rows.GivenBack(use)], await Ledger.OfReceipt(use.Receipt!));
    }

    [Fact]
    public async Task So_are_rows_without_a_receipt()
    {
        var linked = new LedgerRow { Id = "linked|1013", Kind = LedgerKind.Linked, At = Rows.Noon, Member = "1013" };
        var state = await host.Write(StateNames.Member, "m-1013", Rows.With(linked));
        await host.Write(StateNames.Member, "m-1013", Rows.With(linked), state.ETag);
        await host.Write(StateNames.Member, "m-1014", Rows.With(linked));

        Assert.Equal([linked], (await Ledger.Find(new(Member: "1013", Limit: 10))).Rows);
    }

    [Fact]
    public async Task A_refused_write_files_nothing()
    {
        await host.Write(StateNames.Coupon, "k-1005", new Note { Text = "somebody was faster" });
        var use = Rows.Used("2026-11-22/0123/05/000005", "tofu", "1005");

        await Assert.ThrowsAsync<InconsistentStateException>(
            () => host.Write(StateNames.Coupon, "k-1005", Rows.With(use)));
        await Assert.ThrowsAsync<InconsistentStateException>(
            () => host.Write(StateNames.Coupon, "k-1005", Rows.With(use), "1"));
        Assert.Empty(await Ledger.OfReceipt(use.Receipt!));
    }

    [Fact]
    public async Task A_row_that_cannot_be_filed_keeps_the_state_from_being_written()
    {
        var good = Rows.Used("2026-11-22/0123/05/000006", "tofu", "1006");
        var bad = good with { Id = null! };

        await Assert.ThrowsAnyAsync<DbException>(() => host.Write(StateNames.Coupon, "k-1006", Rows.With(good, bad)));
        Assert.False((await host.Read<Note>(StateNames.Coupon, "k-1006")).RecordExists);
        Assert.Empty(await Ledger.OfReceipt(good.Receipt!));
    }

    [Fact]
    public async Task One_receipt_takes_several_coupons_of_one_request()
    {
        const string receipt = "2026-11-22/0123/05/000007";
        await host.Write(StateNames.Coupon, "k-1007-a", Rows.With(Rows.Used(receipt, "tofu", "1007")));
        await host.Write(StateNames.Coupon, "k-1007-b", Rows.With(Rows.Used(receipt, "milk", "1007")));

        Assert.Equal(["tofu", "milk"], (await Ledger.OfReceipt(receipt)).Select(row => row.Campaign));
    }

    [Fact]
    public async Task So_does_a_receipt_whose_uses_one_write_files()
    {
        const string receipt = "2026-11-22/0123/05/000011";
        await host.Write(
            StateNames.Coupon, "k-1015", Rows.With(Rows.Used(receipt, "tofu", "1015"), Rows.Used(receipt, "milk", "1015")));
        await host.Write(StateNames.Coupon, "k-1015-b", Rows.With(Rows.Used(receipt, "rice", "1015")));

        Assert.Equal(["tofu", "milk", "rice"], (await Ledger.OfReceipt(receipt)).Select(row => row.Campaign));
    }

    [Fact]
    public async Task One_receipt_never_has_two_requests()
    {
        const string receipt = "2026-11-22/0123/05/000008";
        var first = Rows.Used(receipt, "tofu", "1008", hash: "aa");
        await host.Write(StateNames.Coupon, "k-1008-a", Rows.With(first));
        var free = await host.Write(StateNames.Coupon, "k-1008-b", new Note { Text = "free" });
        var other = Rows.With(Rows.Used(receipt, "milk", "1008", hash: "bb"));

        var update = await Assert.ThrowsAnyAsync<Exception>(
            () => host.Write(StateNames.Coupon, "k-1008-b", other, free.ETag));
        var insert = await Assert.ThrowsAnyAsync<Exception>(() => host.Write(StateNames.Coupon, "k-1008-c", other));

        Assert.True(StorageRefusal.IsReceiptOfAnotherRequest(update));
        Assert.True(StorageRefusal.IsReceiptOfAnotherRequest(insert));
        Assert.Equal([first], await Ledger.OfReceipt(receipt));
        Assert.Equal("free", (await host.Read<Note>(StateNames.Coupon, "k-1008-b")).State!.Text);
        Assert.False((await host.Read<Note>(StateNames.Coupon, "k-1008-c")).RecordExists);
    }

    [Fact]
    public async Task Nor_after_the_first_request_was_voided()
    {
        const string receipt = "2026-11-22/0123/05/000009";
        var use = Rows.Used(receipt, "tofu", "1009", hash: "aa");
        await host.Write(StateNames.Coupon, "k-1009-a", Rows.With(use, Rows.GivenBack(use)));

        var refused = await Assert.ThrowsAnyAsync<Exception>(
            () => host.Write(StateNames.Coupon, "k-1009-b", Rows.With(Rows.Used(receipt, "milk", "1009", hash: "bb"))));
        Assert.True(StorageRefusal.IsReceiptOfAnotherRequest(refused));
    }

    [Fact]
    public async Task Nor_two_decisions_on_one_request()
    {
        const string receipt = "2026-11-22/0123/05/000010";
        var first = Rows.Used(receipt, "tofu", "1011", decision: "01");
        await host.Write(StateNames.Coupon, "k-1011-a", Rows.With(first));
        var free = await host.Write(StateNames.Coupon, "k-1011-b", new Note { Text = "free" });
        var other = Rows.With(Rows.Used(receipt, "milk", "1011", decision: "02"));

        var update = await Assert.ThrowsAnyAsync<Exception>(
            () => host.Write(StateNames.Coupon, "k-1011-b", other, free.ETag));
        var insert = await Assert.ThrowsAnyAsync<Exception>(() => host.Write(StateNames.Coupon, "k-1011-c", other));

        Assert.True(StorageRefusal.IsReceiptOfAnotherRequest(update));
        Assert.True(StorageRefusal.IsReceiptOfAnotherRequest(insert));
        Assert.Equal([first], await Ledger.OfReceipt(receipt));
        Assert.Equal("free", (await host.Read<Note>(StateNames.Coupon, "k-1011-b")).State!.Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nor_a_use_beside_a_void_that_came_before_its_sale(bool voidFirst)
    {
        var receipt = $"2026-11-22/0123/08/{voidFirst}";
        var (early, use) = (Rows.VoidBeforeItsSale(receipt), Rows.Used(receipt, "tofu", "1019", decision: "02"));
        var (first, second) = voidFirst ? (early, use) : (use, early);
        await host.Write(StateNames.Coupon, $"k-{receipt}-a", Rows.With(first));

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => host.Write(StateNames.Coupon, $"k-{receipt}-b", Rows.With(second)));

        Assert.True(StorageRefusal.IsReceiptOfAnotherRequest(refused));
        Assert.Equal([first], await Ledger.OfReceipt(receipt));
        Assert.False((await host.Read<Note>(StateNames.Coupon, $"k-{receipt}-b")).RecordExists);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(null, "01")]
    [InlineData("01", null)]
    public async Task Where_a_use_of_an_older_version_has_no_decision_the_request_tells(string? first, string? second)
    {
        var receipt = $"2026-11-22/0123/07/{first}-{second}";
        await host.Write(StateNames.Coupon, $"k-{receipt}-a", Rows.With(Rows.Used(receipt, "tofu", "1012", decision: first)));
        await host.Write(StateNames.Coupon, $"k-{receipt}-b", Rows.With(Rows.Used(receipt, "milk", "1012", decision: second)));

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => host.Write(
            StateNames.Coupon, $"k-{receipt}-c", Rows.With(Rows.Used(receipt, "rice", "1012", hash: "bb", decision: second))));
        Assert.True(StorageRefusal.IsReceiptOfAnotherRequest(refused));
        Assert.Equal([first, second], (await Ledger.OfReceipt(receipt)).Select(row => row.Decision));
    }

    [Theory]
    [InlineData("UPDATE ledger SET yen = 0")]
    [InlineData("DELETE FROM ledger")]
    [InlineData("INSERT OR REPLACE INTO ledger (id, kind, at, yen, given_back) SELECT id, kind, at, 0, 0 FROM ledger")]
    [InlineData("TRUNCATE ledger")]
    public async Task What_is_filed_stays_as_it_is(string tampering)
    {
        if (tampering.StartsWith("INSERT OR", StringComparison.Ordinal)) TestDatabase.SkipOnPostgreSql("a word of SQLite");
        if (tampering.StartsWith("TRUNCATE", StringComparison.Ordinal)) TestDatabase.SkipOnSqlite("a word of PostgreSQL");
        var use = Rows.Used($"2026-11-22/0123/06/{tampering.Length:000000}", "tofu", "1010");
        await host.Write(StateNames.Coupon, $"k-1010-{tampering.Length}", Rows.With(use));

        var refused = await Assert.ThrowsAnyAsync<DbException>(() => host.Execute(tampering));
        Assert.Contains("the ledger is never changed", refused.Message, StringComparison.Ordinal);
        Assert.Equal(use, Assert.Single(await Ledger.OfReceipt(use.Receipt!)));
    }
}
