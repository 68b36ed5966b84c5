using System.Text.Json;
using CoopLine.Grains.Accounts;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Linking;
using CoopLine.Grains.Members;
using CoopLine.Grains.Redemptions;
using CoopLine.Grains.Registry;
using CoopLine.Grains.Storage;
using CoopLine.Silo.Storage;

namespace CoopLine.Tests.Fixtures;

/// <summary>What must be true of the database once everything has settled, whatever happened before.</summary>
internal sealed partial class Consistency
{
    private readonly IReadOnlyList<StoredState> states;
    private readonly IReadOnlyList<LedgerRow> ledger;
    private readonly IRegistry registry;

    private readonly ILookup<string?, LedgerRow> changes;

    private Consistency(IReadOnlyList<StoredState> states, IReadOnlyList<LedgerRow> ledger, IRegistry registry)
    {
        (this.states, this.ledger, this.registry) = (states, ledger, registry);
        changes = ledger.Where(row => row.Amends is not null).ToLookup(row => row.Amends);
        var ids = ledger.Select(row => row.Id).ToHashSet();
        Uses = [.. ledger.Where(row => row.Kind == LedgerKind.Used)];
        StandingUses = [.. Uses.Where(use => !changes[use.Id].Any(row => row.GivenBack))];
        StandingLinks = [.. ledger.Where(row => row.Kind == LedgerKind.Linked && !ids.Contains("un" + row.Id))];
    }

    private IReadOnlyList<LedgerRow> Uses { get; }

    private HashSet<LedgerRow> StandingUses { get; }

    private IReadOnlyList<LedgerRow> StandingLinks { get; }

    /// <summary>Checks the whole database, in which nothing is pending.</summary>
    public static async Task Check(Database database, ILedger ledger, IRegistry registry, ICampaignCounts counts)
    {
        var all = new Consistency(await StoredState.All(database), await StoredState.Ledger(ledger), registry);
        await all.OnePersonUsesACampaignOnce();
        all.EveryCouponAgreesWithTheLedger();
        all.EveryReceiptHasOneDecisionAndItsAnswerIsWhatWasUsed();
        all.EveryUseIsTakenBackAtMostOnce();
        all.EveryMemberAgreesWithTheLedger();
        all.EveryLinkIsKnownToBothSides();
        await all.EveryCountIsTheSumOfItsUsesAndKeepsItsLimit(counts);
    }

    private async Task OnePersonUsesACampaignOnce()
    {
        var byCampaign = StandingUses.ToLookup(use => use.Campaign);
        foreach (var use in StandingUses)
        {
            var entry = await registry.Find(use.Member!);
            string[] numbers = [use.Member!, .. entry?.Predecessors ?? []];
            Assert.Single(byCampaign[use.Campaign], other => other.Account == use.Account || numbers.Contains(other.Member));
        }
    }

    private async Task EveryCountIsTheSumOfItsUsesAndKeepsItsLimit(ICampaignCounts counts)
    {
        var limited = Of<CampaignState>(StateNames.Campaign).Where(campaign => campaign.Value.Definition?.Limits is not null);
        foreach (var (id, campaign) in limited)
        {
            var expected = new Dictionary<string, (long Uses, long Yen)>();
            foreach (var use in StandingUses.Where(use => use.Campaign == id))
            {
                if (campaign.Definition!.Limits!.At(use.Store!) is not { } limits) continue;
                Add(CountScope.All, limits.Total);
                Add(CountScope.Store(use.Store!), limits.Store);
                Add("day/" + use.Receipt!.Split('/')[0], limits.Day);

                void Add(string scope, Limit? limit)
                {
                    if (limit is null) return;
                    var before = expected.GetValueOrDefault(scope);
                    expected[scope] = (before.Uses + 1, before.Yen + use.Yen);
                    Assert.True(limit.Uses is null || expected[scope].Uses <= limit.Uses, $"{id} {scope}: {expected[scope]} uses and yen");
                    Assert.True(limit.Yen is null || expected[scope].Yen <= limit.Yen, $"{id} {scope}: {expected[scope]} uses and yen");
                }
            }

            // A number whose limit has gone only sinks: later uses are not counted in it.
            var counted = (await counts.Read([id], null))
                .Where(count => (count.Uses, count.Yen) != (0, 0) && IsLimited(campaign.Definition!.Limits!, count.Scope))
                .Select(count => (count.Scope, count.Uses, count.Yen));
            Assert.Equal(expected.Select(one => (one.Key, one.Value.Uses, one.Value.Yen)).Order(), counted.Order());
        }

        static bool IsLimited(CampaignLimits limits, string scope) => scope.Split('/') switch
        {
            ["store", var store] => limits.At(store)?.Store is not null,
            ["day", _] => limits.EachDay is not null,
            _ => limits.Total is not null,
        };
    }

    private void EveryCouponAgreesWithTheLedger()
    {
        var coupons = Of<CouponState>(StateNames.Coupon);
        var byCoupon = Uses.ToLookup(use => $"{use.Campaign}/{use.Member}");
        foreach (var (key, coupon) in coupons)
        {
            var uses = byCoupon[key].ToArray();
            var back = coupon.TakenBack.Select(row => row.Id).Order();
            Assert.Equal(back, uses.SelectMany(use => changes[use.Id]).Select(row => row.Id).Order());

            var standing = uses.Where(StandingUses.Contains).ToArray();
            Assert.Equal(
                coupon.Use is { } one ? [(one.Receipt.ToString(), one.Decision?.Name, one.Account, one.Line, one.Yen)] : [],
                standing.Select(use => (use.Receipt!, use.Decision, use.Account!, use.Line!.Value, use.Yen)));
        }

        Assert.All(Uses, use => Assert.Contains($"{use.Campaign}/{use.Member}", coupons.Keys));
    }

    private void EveryReceiptHasOneDecisionAndItsAnswerIsWhatWasUsed()
    {
        var receipts = Of<ReceiptState>(StateNames.Receipt);
        foreach (var receipt in Uses.GroupBy(use => use.Receipt!))
        {
            Assert.Single(receipt.Select(use => (use.RequestHash, use.Decision)).Distinct());
            var planned = receipts.GetValueOrDefault(receipt.Key)?.Answer;
            Assert.All(receipt, use => Assert.Equal(planned is not null, use.Planned));
            if (planned is null && Assert.Single(receipt).Answer is null) continue; // The row is the answer.

            var answer = planned ?? JsonSerializer.Deserialize<RedemptionAnswer>(Assert.Single(receipt).Answer!, StateJson.Options)!;
            Assert.Equal(
                answer.Discounts.Select(one => (one.Campaign, one.Line, one.Amount)).Order(),
                receipt.Select(use => (use.Campaign!, use.Line!.Value, use.Yen)).Order());
        }

        Assert.All(ledger.Where(row => row is { Kind: LedgerKind.Voided, Amends: null }), early =>
            Assert.DoesNotContain(Uses, use => use.Receipt == early.Receipt));
        Assert.All(receipts.Where(receipt => receipt.Value.Plan is not null), receipt =>
            Assert.Contains(Uses, use => use.Receipt == receipt.Key));
    }

    private void EveryUseIsTakenBackAtMostOnce()
    {
        foreach (var change in ledger.Where(row => row.Amends is not null))
        {
            Assert.Single(ledger, use => use.Id == change.Amends && use.Receipt == change.Receipt && use.Campaign == change.Campaign);
            Assert.Single(ledger, other => other.Amends == change.Amends && other.GivenBack == change.GivenBack);
        }
    }

    private void EveryMemberAgreesWithTheLedger()
    {
        var members = Of<MemberState>(StateNames.Member);
        Assert.All(StandingLinks.GroupBy(link => link.Member), links => Assert.Single(links));
        Assert.All(StandingLinks.GroupBy(link => link.Account), links => Assert.Single(links));
        foreach (var (number, member) in members)
        {
            Assert.Equal(
                member.Link is { } link ? [("linked|" + link.Id, link.Account)] : [],
                StandingLinks.Where(row => row.Member == number).Select(row => (row.Id, row.Account!)));
            Assert.Equal(
                member.History.Select(past => "unlinked|" + past.Link.Id).Order(),
                ledger.Where(row => row.Kind is LedgerKind.Unlinked or LedgerKind.Renumbered)
                    .Where(row => row.Member == number).Select(row => row.Id).TakeLast(MemberState.MaxHistory).Order());
        }

        Assert.All(StandingLinks, link => Assert.Contains(link.Member!, members.Keys));
    }

    private void EveryLinkIsKnownToBothSides()
    {
        var byMembers = Of<MemberState>(StateNames.Member).Values
            .Select(member => member.Link).OfType<MemberLink>().Select(link => (link.Account, link.Member, link.Id));
        var byAccounts = Of<LineAccountState>(StateNames.LineAccount)
            .Where(account => account.Value.Link is not null)
            .Select(account => (account.Key, account.Value.Link!.Member, account.Value.Link.Id));
        Assert.Equal(byMembers.Order(), byAccounts.Order());

        // A session ties once; its operation is the link's.
        foreach (var (_, session) in Of<LinkSessionState>(StateNames.LinkSession))
        {
            if (session.Consumed is { Member: { } member } consumed)
                Assert.DoesNotContain(ledger, row => row.Id == "linked|" + consumed.Operation && row.Member != member);
        }
    }

    /// <summary>By key, without its letter.</summary>
    private Dictionary<string, T> Of<T>(string stateName) => states
        .Where(state => state.Name == stateName)
        .ToDictionary(state => state.Key[2..], state => JsonSerializer.Deserialize<T>(state.Json, StateJson.Options)!);
}

/// <summary>One row of grain state, as it lies in the database.</summary>
internal sealed record StoredState(string Name, string Key, string Json)
{
    public static Task<List<StoredState>> All(Database database) => Read(database, "PayloadBinary IS NOT NULL");

    public static Task<List<StoredState>> Pending(Database database) => Read(database, "Pending = 1");

    public static async Task<List<LedgerRow>> Ledger(ILedger ledger)
    {
        var rows = new List<LedgerRow>();
        long? before = null;
        do
        {
            var page = await ledger.Find(new(Before: before, Limit: 200));
            rows.AddRange(page.Rows);
            before = page.Next;
        }
        while (before is not null);
        rows.Reverse();
        return rows;
    }

    private static async Task<List<StoredState>> Read(Database database, string which)
    {
        var payload = database.Invariant == "Npgsql" ? "convert_from(PayloadBinary, 'UTF8')" : "PayloadBinary";
        await using var connection = await database.OpenReader(default);
        await using var command = connection.Command(
            $"""
            SELECT GrainTypeString, GrainIdExtensionString, CAST({payload} AS TEXT)
            FROM OrleansStorage WHERE {which} ORDER BY GrainTypeString, GrainIdExtensionString
            """);
        await using var rows = await command.ExecuteReaderAsync();
        var found = new List<StoredState>();
        while (await rows.ReadAsync()) found.Add(new(rows.GetString(0), rows.GetString(1), rows.GetString(2)));
        return found;
    }
}
