using CoopLine.Grains.Ledger;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Campaigns;

/// <summary>
/// What campaigns have given away, as somebody would keep it who only reads the answers to tills and staff: a number for each campaign
/// and scope, and the rules in their plainest form.
/// </summary>
internal sealed class Tally
{
    private readonly Dictionary<(string Campaign, string Scope), (long Uses, long Yen)> counts = [];
    private readonly List<GivenUse> uses = [];

    /// <summary>Numbers that are not zero.</summary>
    public IEnumerable<CampaignCount> Counts =>
        from one in counts where one.Value != (0, 0) select new CampaignCount(one.Key.Campaign, one.Key.Scope, one.Value.Uses, one.Value.Yen);

    public IEnumerable<GivenUse> All(Offer offer) => uses.Where(use => use.Offer == offer);

    public IEnumerable<GivenUse> Standing(Offer offer) => All(offer).Where(use => use.Stands);

    public IEnumerable<GivenUse> On(Purchase purchase) => uses.Where(use => use.Purchase == purchase);

    public long Room(Offer offer, params string[] scopes) => scopes.Min(scope => offer.Of(scope) switch
    {
        { Uses: { } most } when Count(offer, scope).Uses >= most => 0,
        { Yen: { } most } => Math.Max(0, most - Count(offer, scope).Yen),
        _ => long.MaxValue,
    });

    /// <summary>What the coupon page says against a code for this offer; null for nothing.</summary>
    public string? Against(Offer offer, string member, string today, DateTimeOffset now) =>
        IsUsedBy(member, offer) ? "alreadyUsed"
        : !offer.IsPublished ? "stopped"
        : offer.IsOverAt(now) ? "ended"
        : Room(offer, CountScope.All, "day/" + today) < offer.Usual ? "soldOut"
        : null;

    /// <summary>What the till must be told.</summary>
    public (GivenUse[] Uses, string[] Refusals) Decide(Purchase purchase, DateTimeOffset now)
    {
        var found = purchase.Offers.Select(offer => (Offer: offer, Outcome: Decide(purchase, offer, now))).ToArray();
        return (
            [.. found.Select(one => one.Outcome.Use).OfType<GivenUse>()],
            [.. from one in found where one.Outcome.Use is null select $"{one.Offer.Id}: {one.Outcome.Refusal}"]);
    }

    public void Add(GivenUse use)
    {
        uses.Add(use);
        Change(use, 1);
    }

    /// <summary>A void, a return or staff take it back.</summary>
    public void TakeBack(GivenUse use, string state, bool givesBack)
    {
        if (!use.Stands || (use.IsTakenBack && state != "restored")) return;
        use.State = state;
        if (!givesBack) return;
        use.Stands = false;
        Change(use, -1);
    }

    private (GivenUse? Use, string? Refusal) Decide(Purchase purchase, Offer offer, DateTimeOffset now)
    {
        if (now >= purchase.CodeUntil) return (null, "codeExpired");
        if (!offer.IsPublished) return (null, "stopped");
        if (offer.IsOverAt(purchase.At)) return (null, "ended");
        if (IsUsedBy(purchase.Member, offer)) return (null, "alreadyUsed");

        string[] scopes = [CountScope.All, CountScope.Store(purchase.Store), "day/" + purchase.Day];
        var room = Room(offer, scopes);
        var best = purchase.Lines.Where(line => line.Offer == offer && offer.Off(line.Price) <= room)
            .OrderByDescending(line => offer.Off(line.Price)).ThenBy(line => line.Number).FirstOrDefault();
        return best is null
            ? (null, "soldOut")
            : (new(purchase, offer, best, [.. scopes.Where(scope => offer.Of(scope) != default)]), null);
    }

    private bool IsUsedBy(string member, Offer offer) => Standing(offer).Any(use => use.Purchase.Member == member);

    private (long Uses, long Yen) Count(Offer offer, string scope) => counts.GetValueOrDefault((offer.Id, scope));

    private void Change(GivenUse use, int sign)
    {
        foreach (var scope in use.Scopes)
        {
            var (many, yen) = Count(use.Offer, scope);
            counts[(use.Offer.Id, scope)] = (many + sign, yen + (sign * use.Yen));
        }
    }
}

/// <summary>A campaign for one item, as staff have set it.</summary>
internal sealed class Offer(string id, string jan, string type, int value, DateTimeOffset endsAt)
{
    /// <summary>In <see cref="Limits"/>: every store without a limit of its own.</summary>
    public const string EachStore = "store";

    public const string EachDay = "day";

    private static readonly string[] Scopes =
        [CountScope.All, .. LimitHistory.Stores.Append("9999").Select(CountScope.Store), .. LimitHistory.Days.Select(day => "day/" + day)];

    public string Id => id;

    public string Jan => jan;

    public bool IsPublished { get; set; } = true;

    public DateTimeOffset EndsAt { get; set; } = endsAt;

    public Dictionary<string, (int? Uses, long? Yen)> Limits { get; set; } = [];

    public bool IsOverAt(DateTimeOffset at) => at >= EndsAt;

    /// <summary>What the page thinks that a use needs.</summary>
    public int Usual => type == "yen" ? value : 1;

    public int Off(int price) => type == "yen" ? Math.Min(value, price) : price * value / 100;

    /// <summary>The limit of one number; without values where there is none.</summary>
    public (int? Uses, long? Yen) Of(string scope) => Of(Limits, scope);

    /// <summary>Whether staff may put these limits in place of those that it has: none is new, gone or lower.</summary>
    public bool May(Dictionary<string, (int? Uses, long? Yen)> next)
    {
        return Scopes.All(scope => Rises(Of(scope).Uses, Of(next, scope).Uses) && Rises(Of(scope).Yen, Of(next, scope).Yen));

        static bool Rises(long? before, long? after) => before is null ? after is null : after >= before;
    }

    /// <summary>As staff send it.</summary>
    public object Definition(Dictionary<string, (int? Uses, long? Yen)> limits, DateTimeOffset until) => Some.Campaign(
        value, type, jan, endsAt: until.ToString("O", System.Globalization.CultureInfo.InvariantCulture), limits: new
        {
            totalUses = limits.GetValueOrDefault(CountScope.All).Uses,
            totalYen = limits.GetValueOrDefault(CountScope.All).Yen,
            perStoreUses = limits.GetValueOrDefault(EachStore).Uses,
            perStoreYen = limits.GetValueOrDefault(EachStore).Yen,
            perStore = limits.Where(one => one.Key.StartsWith(CountScope.StorePrefix, StringComparison.Ordinal))
                .ToDictionary(one => one.Key[CountScope.StorePrefix.Length..], one => new { uses = one.Value.Uses, yen = one.Value.Yen }),
            perDayUses = limits.GetValueOrDefault(EachDay).Uses,
            perDayYen = limits.GetValueOrDefault(EachDay).Yen,
        });

    public override string ToString() => $"{id} ({value} {type}, {(IsPublished ? "on" : "stopped")}, until {EndsAt:HH:mm}, {Told(Limits)})";

    public static string Told(Dictionary<string, (int? Uses, long? Yen)> limits) => string.Join(' ', limits.Select(one => $"{one.Key}={one.Value}"));

    private static (int? Uses, long? Yen) Of(Dictionary<string, (int? Uses, long? Yen)> limits, string scope) => scope[0] switch
    {
        's' => limits.TryGetValue(scope, out var own) ? own : limits.GetValueOrDefault(EachStore),
        'd' => limits.GetValueOrDefault(EachDay),
        _ => limits.GetValueOrDefault(scope),
    };
}

/// <summary>A receipt as its till sends it, with a code for these offers.</summary>
internal sealed record Purchase(
    Sale Sale, string Store, string Day, string Member, Offer[] Offers, Item[] Lines, DateTimeOffset At, DateTimeOffset CodeUntil)
{
    /// <summary>Its first answer's refusals, once a coupon was used; else null.</summary>
    public string[]? Refusals { get; set; }

    /// <summary>It was voided when nothing was used on it.</summary>
    public bool IsVoidedEarly { get; set; }

    public override string ToString() =>
        $"{Sale.Key} {Member}: {string.Join(", ", Lines.Select(line => $"{line.Number}) {line.Offer.Id} {line.Quantity} x {line.Price}"))}";
}

internal sealed record Item(int Number, Offer Offer, int Quantity, int Price);

/// <param name="Scopes">The numbers that it was counted in: those that were limited at that time.</param>
internal sealed record GivenUse(Purchase Purchase, Offer Offer, Item Line, string[] Scopes)
{
    public int Yen => Offer.Off(Line.Price);

    public bool Stands { get; set; } = true;

    public string State { get; set; } = "used";

    public bool IsTakenBack => State != "used";

    /// <summary>Units of its line that came back.</summary>
    public int Returned { get; set; }

    public string Discount => $"{Offer.Id} on {Line.Number}: {Yen}";

    public override string ToString() => $"{Offer.Id} {State}{(IsTakenBack && !Stands ? " given back" : "")}";
}
