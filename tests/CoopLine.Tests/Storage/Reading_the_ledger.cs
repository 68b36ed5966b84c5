using System.Text.RegularExpressions;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;
using CoopLine.Silo.Storage;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Storage;

public sealed class Reading_the_ledger_with_group_commit(GroupCommitHost host) : Reading_the_ledger(host), IClassFixture<GroupCommitHost>;

public sealed class Reading_the_ledger_with_AdoNet(AdoNetHost host) : Reading_the_ledger(host), IClassFixture<AdoNetHost>;

public abstract class Reading_the_ledger(StorageHost host)
{
    private ILedger Ledger => host.Service<ILedger>();

    [Fact]
    public async Task Standing_uses_are_those_of_the_member_and_of_the_account_that_nothing_gave_back()
    {
        var byMember = Rows.Used("2026-11-22/0123/05/000101", "tofu", "2001");
        var byAccount = Rows.Used("2026-11-22/0123/05/000102", "milk", "2002") with { Account = "U-2001" };
        var voided = Rows.Used("2026-11-22/0123/05/000103", "eggs", "2001");
        var stays = Rows.GivenBack(byMember, LedgerKind.Returned) with { GivenBack = false };
        var stranger = Rows.Used("2026-11-22/0123/05/000104", "tofu", "2003");
        await host.Write(
            StateNames.Coupon,
            "k-2001",
            Rows.With(byMember, byAccount, voided, Rows.GivenBack(voided), stays, stranger));

        Assert.Equal([byAccount, byMember], await Ledger.StandingUses(["2001"], ["2002", "2003"], "U-2001"));
        Assert.Equal([stranger, byMember], await Ledger.StandingUses(["2001", "2003"], ["2002"], "U-nobody"));
        Assert.Empty(await Ledger.StandingUses([], [], "U-nobody"));
    }

    [Fact]
    public async Task A_campaign_was_used_even_if_the_use_was_given_back()
    {
        var use = Rows.Used("2026-11-22/0123/05/000111", "used-once", "2011");
        await host.Write(
            StateNames.Campaign,
            "p-never-used",
            Rows.With(new LedgerRow
            {
                Id = "published|never-used",
                Kind = LedgerKind.CampaignPublished,
                At = Rows.Noon,
                Campaign = "never-used",
            }));
        await host.Write(StateNames.Coupon, "k-2011", Rows.With(use, Rows.GivenBack(use)));

        Assert.True(await Ledger.EverUsed("used-once"));
        Assert.False(await Ledger.EverUsed("never-used"));
    }

    [Fact]
    public async Task A_version_that_was_defined_before_definitions_were_kept_has_none()
    {
        LedgerRow Defined(int version, string? definition) => new()
        {
            Id = $"CampaignDefined|versions|{version}",
            Kind = LedgerKind.CampaignDefined,
            At = Rows.Noon,
            Campaign = "versions",
            Version = version,
            Actor = "suzuki",
            Answer = definition,
        };
        var (old, kept) = (Defined(1, null), Defined(2, "{}"));
        var use = Rows.Used("2026-11-22/0123/05/000115", "versions", "2015");
        var voided = Rows.Used("2026-11-22/0123/05/000116", "versions", "2016");
        await host.Write(StateNames.Campaign, "p-versions", Rows.With(old, kept));
        await host.Write(StateNames.Coupon, "k-2015", Rows.With(use, voided, Rows.GivenBack(voided)));

        Assert.Equal([new(old, 0), new(kept, 1)], await Ledger.VersionsOf("versions"));
    }

    [Fact]
    public async Task A_page_has_the_newest_rows_and_says_where_the_next_begins()
    {
        var rows = Enumerable.Range(1, 5)
            .Select(i => Rows.Used($"2026-11-22/0777/05/00012{i}", "pages", $"202{i}"))
            .ToArray();
        await host.Write(StateNames.Coupon, "k-2021", Rows.With(rows));

        var first = await Ledger.Find(new(Campaign: "pages", Limit: 2));
        var second = await Ledger.Find(new(Campaign: "pages", Limit: 2, Before: first.Next));
        var third = await Ledger.Find(new(Campaign: "pages", Limit: 2, Before: second.Next));
        var exact = await Ledger.Find(new(Campaign: "pages", Limit: 5));

        Assert.Equal([rows[4], rows[3]], first.Rows);
        Assert.Equal([rows[2], rows[1]], second.Rows);
        Assert.Equal([rows[0]], third.Rows);
        Assert.Null(third.Next);
        Assert.Equal((5, null), (exact.Rows.Length, exact.Next));
    }

    [Fact]
    public async Task Each_filter_finds_its_rows_and_no_others()
    {
        var wanted = Rows.Used("2026-11-22/0801/05/000131", "filters", "2031") with { TraceId = "trace-wanted" };
        var other = Rows.Used("2026-11-22/0802/05/000132", "others", "2032") with { At = Rows.Noon.AddDays(1) };
        await host.Write(StateNames.Coupon, "k-2031", Rows.With(wanted, other, Rows.GivenBack(wanted) with
        {
            At = Rows.Noon.AddDays(2), // another kind, another day
            Campaign = "elsewhere",
            Member = "elsewhere",
            Account = "elsewhere",
            Store = "elsewhere",
            Receipt = "elsewhere/elsewhere",
        }));

        LedgerQuery[] queries =
        [
            new(Member: "2031"),
            new(Campaign: "filters"),
            new(Store: "0801"),
            new(Receipt: "2026-11-22/0801/05/000131"),
            new(TraceId: "trace-wanted"),
            new(Kind: LedgerKind.Used, Store: "0801"),
            new(Store: "0801", From: Rows.Noon, Until: Rows.Noon.AddSeconds(1)),
            new(Store: "0801", From: Rows.Noon.ToUniversalTime().AddMinutes(-1)),
        ];
        foreach (var query in queries)
        {
            var found = await Ledger.Find(query);
            Assert.True(found.Rows is [var row] && row == wanted, $"{query} found {found.Rows.Length} rows");
        }

        Assert.Empty((await Ledger.Find(new(Kind: LedgerKind.Voided, Store: "0801"))).Rows);
        Assert.Empty((await Ledger.Find(new(Store: "0801", From: Rows.Noon.AddSeconds(1)))).Rows);
        Assert.Empty((await Ledger.Find(new(Store: "0801", Until: Rows.Noon))).Rows);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(201)]
    public async Task A_page_has_1_to_200_rows(int limit) =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Ledger.Find(new(Limit: limit)));

    [Theory]
    [InlineData("SELECT * FROM ledger WHERE receipt = @p ORDER BY receipt, seq")]
    [InlineData("SELECT * FROM standing_uses WHERE member IN (SELECT value FROM json_each(@p)) AND (account = @p OR member IN (SELECT value FROM json_each(@p))) ORDER BY seq DESC")]
    [InlineData("SELECT 1 FROM ledger WHERE campaign = @p AND kind = 'used'")]
    [InlineData("SELECT version FROM ledger WHERE campaign = @p AND kind = 'campaignDefined' ORDER BY version")]
    [InlineData("SELECT * FROM ledger WHERE kind = 'unlinked' AND kind <> 'used' ORDER BY seq DESC LIMIT 50")]
    [InlineData("SELECT * FROM ledger WHERE store = @p AND at_utc >= @p AND at_utc < @p ORDER BY seq DESC LIMIT 50")]
    [InlineData("SELECT GrainIdExtensionString FROM OrleansStorage WHERE Pending = 1 AND ModifiedOn < @p ORDER BY ModifiedOn LIMIT 9")]
    [InlineData("SELECT rowid FROM OrleansStorage WHERE GrainTypeString IN ('link-session', 'coupon-code') AND ModifiedOn < @p AND Pending = 0 LIMIT 9")]
    [InlineData("SELECT * FROM linked_members WHERE member_number = @p")]
    [InlineData("SELECT id FROM campaigns WHERE definition IS NOT NULL ORDER BY id")]
    public async Task Questions_asked_often_do_not_read_the_whole_table(string question)
    {
        TestDatabase.SkipOnPostgreSql("plans of SQLite");

        var plan = await Plan(question);

        Assert.DoesNotContain(plan, step => step.StartsWith("SCAN", StringComparison.Ordinal)
            && !step.Contains("USING INDEX", StringComparison.Ordinal)
            && !step.Contains("json_each", StringComparison.Ordinal));
        // Nearly every row is a use: by kind, one looks for anything else only.
        Assert.Equal(
            question.Contains("'unlinked'", StringComparison.Ordinal),
            plan.Any(step => step.Contains("ledger_rare_kind", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_guard_of_a_receipt_looks_at_the_uses_of_that_receipt_alone()
    {
        TestDatabase.SkipOnPostgreSql("plans of SQLite");
        await using var connection = await host.Database.OpenReader(default);
        using var read = connection.Command("SELECT sql FROM sqlite_master WHERE name = 'ledger_one_decision_a_receipt'");
        var trigger = (string)(await read.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        var guard = trigger[(trigger.IndexOf("EXISTS (", StringComparison.Ordinal) + 8)..trigger.IndexOf("BEGIN", StringComparison.Ordinal)];

        var plan = await Plan(Regex.Replace(guard.Trim()[..^1], @"NEW\.\w+", "@p"));

        Assert.Contains("ledger_receipt", Assert.Single(plan), StringComparison.Ordinal);
    }

    private async Task<List<string>> Plan(string question)
    {
        await using var connection = await host.Database.OpenReader(default);
        using var explain = connection.Command("EXPLAIN QUERY PLAN " + question, ("@p", "[]"));
        using var reader = explain.ExecuteReader();
        var plan = new List<string>();
        while (reader.Read()) plan.Add(reader.GetString(3));
        return plan;
    }
}
