using System.Collections.Concurrent;

namespace CoopLine.ClusterTests.Histories;

/// <summary>
/// What was asked of one campaign with limits, and answered: whether it ever gave away more than it has, and whether anybody was
/// refused while there was room.
/// </summary>
/// <remarks>
/// Nobody knows the moment at which a use is counted, but two that are on either side of it. A use is surely counted from its answer
/// until somebody asks to take it back, and it may be counted from when it was asked for until it is known to be taken back. At no
/// moment may there be more sure ones than a limit; and whoever is told "sold out" must have been asking at a moment at which
/// the possible ones reach one.
/// </remarks>
internal sealed class LimitHistory(Limits limits)
{
    private readonly ConcurrentQueue<Call> calls = new();

    private const long Never = long.MaxValue;

    private enum Said
    {
        Used,
        TakenBack,
        SoldOut,
    }

    public Limits Limits => limits;

    /// <summary>Calls that were told that the campaign is sold out.</summary>
    public int SoldOuts => calls.Count(call => call.Said == Said.SoldOut);

    /// <summary>Uses that were taken back, as their tills know.</summary>
    public int Voids => calls.Where(call => call is { Said: Said.TakenBack, Returned: not Never }).DistinctBy(call => call.Receipt).Count();

    /// <param name="receipt">Business date, store and whatever else makes it this one.</param>
    /// <param name="returned">Null: nobody knows whether it was used.</param>
    public void Used(string receipt, long invoked, long? returned) => Add(Said.Used, receipt, invoked, returned);

    /// <param name="returned">Null: nobody knows whether it was taken back.</param>
    /// <inheritdoc cref="Used"/>
    public void TakenBack(string receipt, long invoked, long? returned) => Add(Said.TakenBack, receipt, invoked, returned);

    /// <param name="receipt">Without a number it is nobody's: the member was not given a code. Without a store it is in none.</param>
    public void SoldOut(string receipt, long invoked, long returned) => Add(Said.SoldOut, receipt, invoked, returned);

    /// <param name="used">Receipts that had a use, as the ledger has it at the end: what nobody knew is known then.</param>
    /// <param name="takenBack">Those of them whose use was taken back.</param>
    public IEnumerable<string> Violations(IReadOnlySet<string> used, IReadOnlySet<string> takenBack)
    {
        var counted = Uses(used, takenBack).SelectMany(use => limits.On(use.Receipt).Select(limit => (limit, use)))
            .ToLookup(one => one.limit, one => one.use);
        foreach (var limit in counted)
        {
            var sure = new Counts(limit.Select(use => (use.SurelyFrom, use.SurelyUntil)));
            if (sure.Highest(0, Never) is var highest && highest > limit.Key.Max)
                yield return $"{highest} uses {limit.Key.Scope} at a time, where the limit is {limit.Key.Max}.";
        }

        var possible = counted.ToDictionary(limit => limit.Key, limit => new Counts(limit.Select(use => (use.MaybeFrom, use.MaybeUntil))));
        foreach (var call in calls.Where(call => call.Said == Said.SoldOut))
        {
            var most = limits.On(call.Receipt).ToDictionary(
                limit => limit, limit => possible.GetValueOrDefault(limit)?.Highest(call.Invoked, call.Returned) ?? 0);
            if (most.All(one => one.Value < one.Key.Max))
            {
                var room = most.Select(one => $"at most {one.Value} {one.Key.Scope} of {one.Key.Max}");
                yield return $"{call} while there was room: {string.Join(", ", room)}";
            }
        }
    }

    private void Add(Said said, string receipt, long invoked, long? returned) =>
        calls.Enqueue(new(said, receipt, invoked, returned ?? Never));

    private IEnumerable<Use> Uses(IReadOnlySet<string> used, IReadOnlySet<string> takenBack)
    {
        var backs = calls.Where(call => call.Said == Said.TakenBack && takenBack.Contains(call.Receipt)).ToLookup(call => call.Receipt);
        foreach (var tries in calls.Where(call => call.Said == Said.Used && used.Contains(call.Receipt)).GroupBy(call => call.Receipt))
        {
            yield return new(
                tries.Key,
                MaybeFrom: tries.Min(one => one.Invoked),
                SurelyFrom: tries.Min(one => one.Returned),
                SurelyUntil: backs[tries.Key].Select(one => one.Invoked).DefaultIfEmpty(Never).Min(),
                MaybeUntil: backs[tries.Key].Select(one => one.Returned).DefaultIfEmpty(Never).Min());
        }
    }

    private sealed record Call(Said Said, string Receipt, long Invoked, long Returned)
    {
        public override string ToString() => $"{Invoked} … {Returned} {Receipt} {Said}";
    }

    private sealed record Use(string Receipt, long MaybeFrom, long SurelyFrom, long SurelyUntil, long MaybeUntil);

    /// <summary>How many things there are at each moment.</summary>
    private sealed class Counts
    {
        private readonly (long At, int Count)[] steps;

        public Counts(IEnumerable<(long From, long Until)> each)
        {
            var count = 0;
            var ends = each.Where(one => one.From < one.Until).SelectMany(one => ((long, int)[])[(one.From, 1), (one.Until, -1)]);
            steps = [.. ends.Order().Select(end => (end.Item1, count += end.Item2))];
        }

        public int Highest(long from, long until) => Math.Max(
            steps.LastOrDefault(step => step.At < from).Count,
            steps.Where(step => from <= step.At && step.At <= until).Select(step => step.Count).DefaultIfEmpty().Max());
    }
}
