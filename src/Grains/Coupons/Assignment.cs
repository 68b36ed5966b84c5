using System.Numerics;

namespace CoopLine.Grains.Coupons;

/// <summary>
/// The assignment problem, solved coupon by coupon along the best chain of moves (Hungarian method, with the units of a
/// line kept together). A pair weighs its amount, and below the smallest yen one bit of its own, the earlier the pair the
/// higher the bit: the sum of these bits orders assignments of equal discount as their sorted pairs do, so that there is
/// exactly one best assignment.
/// </summary>
internal sealed class Assignment
{
    private readonly Option[] options;
    private readonly Dictionary<int, List<Option>> holders;

    /// <param name="pairs">In the order that decides between equal discounts.</param>
    public Assignment(IReadOnlyList<Allocation.Pair> pairs)
    {
        options = [.. pairs.Select((pair, rank) => new Option(
            pair, ((BigInteger)pair.Amount << pairs.Count) + (BigInteger.One << (pairs.Count - 1 - rank))))];
        holders = options.Select(option => option.Line).Distinct().ToDictionary(line => line, _ => new List<Option>());
    }

    /// <returns>The pairs of the best assignment, in their given order.</returns>
    public IReadOnlyList<Allocation.Pair> Best()
    {
        var byCoupon = options.ToLookup(option => option.Coupon);
        foreach (var coupon in byCoupon) Place([.. coupon], byCoupon);

        var held = holders.Values.SelectMany(line => line).ToHashSet();
        return [.. options.Where(held.Contains).Select(option => option.Pair)];
    }

    /// <summary>
    /// Adds one coupon to the best assignment of those before it. It may push another out of a full line, which moves on
    /// or gives up, and so on; the chain that gains most is taken, if any gains.
    /// </summary>
    private void Place(Option[] newcomer, ILookup<string, Option> byCoupon)
    {
        var reached = new Dictionary<int, Chain>();
        var open = new Queue<int>();
        foreach (var option in newcomer) Reach(new(option, option.Weight, null, null));

        var best = default(Chain);
        var bestGain = BigInteger.Zero;
        Option? givesUp = null;
        while (open.TryDequeue(out var line))
        {
            var chain = reached[line];
            chain.Waiting = false;
            if (holders[line].Count < chain.Takes.Units)
            {
                Consider(chain, chain.Gain, null);
                continue;
            }

            foreach (var pushed in holders[line])
            {
                var left = chain.Gain - pushed.Weight;
                Consider(chain, left, pushed);
                foreach (var next in byCoupon[pushed.Coupon])
                    if (next.Line != line)
                        Reach(new(next, left + next.Weight, chain, pushed));
            }
        }

        if (best is null) return;
        if (givesUp is not null) holders[givesUp.Line].Remove(givesUp);
        for (var step = best; step is not null; step = step.Before)
        {
            holders[step.Takes.Line].Add(step.Takes);
            if (step.Leaves is { } left) holders[left.Line].Remove(left);
        }

        void Reach(Chain chain)
        {
            reached.TryGetValue(chain.Takes.Line, out var known);
            if (known is not null && known.Gain >= chain.Gain) return;
            reached[chain.Takes.Line] = chain;
            chain.Waiting = true;
            if (known is not { Waiting: true }) open.Enqueue(chain.Takes.Line);
        }

        void Consider(Chain chain, BigInteger gain, Option? pushed)
        {
            if (gain <= bestGain) return;
            (best, bestGain, givesUp) = (chain, gain, pushed);
        }
    }

    private sealed record Option(Allocation.Pair Pair, BigInteger Weight)
    {
        public string Coupon => Pair.Campaign.Id;
        public int Line => Pair.Line.Line;
        public int Units => Pair.Line.Quantity;
    }

    /// <summary>
    /// The last step of a chain of moves: who takes a unit of a line, what the chain gains up to here, the step before, and
    /// the unit that this coupon leaves to it.
    /// </summary>
    private sealed class Chain(Option takes, BigInteger gain, Chain? before, Option? leaves)
    {
        public Option Takes => takes;
        public BigInteger Gain => gain;
        public Chain? Before => before;
        public Option? Leaves => leaves;
        public bool Waiting { get; set; }
    }
}
