using System.Collections.Immutable;
using CoopLine.Grains.Storage;

namespace CoopLine.Grains.Redemptions;

/// <summary>
/// Stored for a receipt that uses several coupons: the plan before the first of them is used, then the answer. And for one of which
/// units came back, or whose void came before its sale. A receipt with one coupon has its record in the coupon's ledger row.
/// </summary>
public sealed record ReceiptState : StateWithLedger
{
    /// <summary>More than a receipt with coupons has returns; each is sent again within a day.</summary>
    private const int ReturnsMax = 100;

    public Plan? Plan { get; init; }

    public Coupons.RedemptionAnswer? Answer { get; init; }

    /// <summary>What came back so far of the lines with a coupon, each line once.</summary>
    public ImmutableArray<ReturnedUnits> Returned { get; init; } = [];

    /// <summary>Names of the returns that are counted in it, oldest first: sent again, a return counts once.</summary>
    public ImmutableArray<string> Returns { get; init; } = [];

    public bool Pending => Plan is not null && Answer is null;

    /// <summary>Counts a return.</summary>
    /// <param name="name">Of the return.</param>
    /// <param name="units">Of lines with a coupon.</param>
    /// <returns>This state if there is nothing to count, or it was counted before.</returns>
    public ReceiptState Return(string name, IReadOnlyCollection<ReturnedUnits> units)
    {
        if (units.Count == 0 || Returns.Contains(name)) return this;

        return this with
        {
            Returned =
            [
                .. Returned.Concat(units).GroupBy(one => one.Line)
                    .Select(line => new ReturnedUnits(line.Key, line.Any(one => one.Units is null) ? null : Sum(line))),
            ],
            Returns = [.. Returns.TakeLast(ReturnsMax - 1), name],
        };

        static int Sum(IEnumerable<ReturnedUnits> line) => (int)Math.Min(int.MaxValue, line.Sum(one => (long)one.Units!.Value));
    }

    /// <summary>Units of a line that have not come back.</summary>
    public int StayingOf(int line, int sold) => Returned.FirstOrDefault(one => one.Line == line) switch
    {
        null => sold,
        { Units: null } => 0,
        { Units: { } back } => Math.Max(0, sold - back),
    };
}

/// <param name="Line">The till's number of the line.</param>
/// <param name="Units">From 1; null for all of them.</param>
[GenerateSerializer, Immutable, Alias("coopline.returned-units")]
public sealed record ReturnedUnits([property: Id(0)] int Line, [property: Id(1)] int? Units);
