using System.Collections.Immutable;

namespace CoopLine.Grains.Ledger;

/// <summary>The read side of the ledger. Rows are written only together with the state they belong to.</summary>
public interface ILedger
{
    /// <summary>Everything that happened to one receipt, oldest first.</summary>
    Task<ImmutableArray<LedgerRow>> OfReceipt(string receipt, CancellationToken cancellation = default);

    /// <summary>
    /// The uses that stand (were not given back): those of these member numbers, by whichever account, and those of this LINE
    /// account under its earlier member numbers. At least one row for each campaign, newest first.
    /// </summary>
    Task<ImmutableArray<LedgerRow>> StandingUses(
        IReadOnlyCollection<string> members, IReadOnlyCollection<string> earlierMembers, string account,
        CancellationToken cancellation = default);

    /// <summary>Whether any coupon of the campaign was ever used.</summary>
    Task<bool> EverUsed(string campaign, CancellationToken cancellation = default);

    /// <summary>What a campaign has given away: the uses that stand, by store and business date.</summary>
    Task<ImmutableArray<UsesOfDay>> UsesOf(string campaign, CancellationToken cancellation = default);

    /// <summary>The definitions that a campaign has had, oldest first.</summary>
    Task<ImmutableArray<CampaignVersion>> VersionsOf(string campaign, CancellationToken cancellation = default);

    /// <summary>A page of the ledger, newest first.</summary>
    Task<LedgerPage> Find(LedgerQuery query, CancellationToken cancellation = default);
}

/// <param name="Yen">Their discounts, whole yen.</param>
public readonly record struct UsesOfDay(string Store, DateOnly Day, long Uses, long Yen);

/// <param name="Defined">
/// Its row. <see cref="LedgerRow.Answer"/> has the definition, but not where an older version of CoopLine wrote the row.
/// </param>
/// <param name="Uses">Uses that stand and that this version decided.</param>
public sealed record CampaignVersion(LedgerRow Defined, long Uses);

/// <param name="Before">Only rows older than this sequence number (the previous page's <see cref="LedgerPage.Next"/>).</param>
/// <param name="Limit">1..<see cref="LimitMax"/> rows.</param>
/// <param name="ReceiptNumber">Only of receipts with this number, of whatever day, store and register. Has no index: name a <paramref name="From"/>.</param>
/// <param name="TraceBeginning">Only of traces whose id begins with these eight digits. Has no index either.</param>
public sealed record LedgerQuery(
    LedgerKind? Kind = null,
    string? Member = null,
    string? Campaign = null,
    string? Store = null,
    string? Receipt = null,
    string? TraceId = null,
    DateTimeOffset? From = null,
    DateTimeOffset? Until = null,
    long? Before = null,
    int Limit = 50,
    string? ReceiptNumber = null,
    string? TraceBeginning = null)
{
    public const int LimitMax = 200;
}

/// <param name="Next">Pass as <see cref="LedgerQuery.Before"/> for the next page; null at the end.</param>
public sealed record LedgerPage(ImmutableArray<LedgerRow> Rows, long? Next);
