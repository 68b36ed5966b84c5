using System.Numerics;

namespace CoopLine.Grains.Redemptions;

/// <summary>
/// The assignment problem, solved by the Hungarian method: bidders take seats, one seat for each unit, and join one by
/// one along the cheapest chain of moves. A bidder is a coupon, or a group of coupons of which one is used.
/// </summary>
/// <remarks>
/// A pair weighs its amount and, below the smallest yen, one bit of its own: the earlier the pair, the higher the bit.
/// The sum of these bits orders assignments of equal discount as their sorted pairs do, so exactly one is best.
/// </remarks>
internal static class Assignment
{
    /// <param name="pairs">In the order that decides between equal discounts.</param>
    /// <returns>The pairs of the best assignment, in that order.</returns>
    public static IEnumerable<Bid.Pair> Best(IReadOnlyList<Bid.Pair> pairs)
    {
        if (pairs.Count < 2) return pairs;

        var seats = pairs.GroupBy(pair => pair.Line.Line).ToDictionary(
            line => line.Key, line => SeatsFor(Math.Min(line.First().Line.Quantity, line.Count())));
        var bidders = pairs
            .Select((pair, rank) => (Pair: pair, Rank: rank, Weight: Weight(pair.Amount, rank, pairs.Count)))
            .GroupBy(choice => choice.Pair.Bid.Bidder)
            .Select(choices => new Bidder(
            [
                .. choices.SelectMany(choice => seats[choice.Pair.Line.Line],
                    (choice, seat) => new Choice(seat, choice.Weight, choice.Rank)),
                Choice.Nothing(),
            ]))
            .ToArray();

        foreach (var bidder in bidders) Join(bidder);

        return bidders.Select(bidder => bidder.Taken!.Rank).OfType<int>().Order().Select(rank => pairs[rank]);
    }

    private static BigInteger Weight(int amount, int rank, int pairs) =>
        ((BigInteger)amount << pairs) + (BigInteger.One << (pairs - 1 - rank));

    private static Seat[] SeatsFor(int units) => [.. Enumerable.Range(0, units).Select(_ => new Seat())];

    /// <summary>
    /// Dijkstra's search from the newcomer to a free seat. A bidder's surplus and a seat's price together are never less than
    /// the weight of that choice, and equal it where the choice is taken. The difference is what a move costs.
    /// </summary>
    private static void Join(Bidder newcomer)
    {
        newcomer.Surplus = newcomer.Choices.Max(choice => choice.Weight);

        var ways = new Dictionary<Seat, (BigInteger Cost, Bidder Mover, Choice Choice)>();
        var nearest = new PriorityQueue<Seat, BigInteger>();
        var passed = new HashSet<Seat>();
        var cost = BigInteger.Zero;
        var free = newcomer.Choices[^1].Seat;
        for (var mover = newcomer; mover is not null; mover = free.Holder)
        {
            var before = cost + mover.Surplus;
            foreach (var choice in mover.Choices)
            {
                if (passed.Contains(choice.Seat)) continue;
                var through = before + choice.Seat.Price - choice.Weight;
                if (ways.TryGetValue(choice.Seat, out var known) && known.Cost <= through) continue;
                ways[choice.Seat] = (through, mover, choice);
                nearest.Enqueue(choice.Seat, through);
            }

            // A seat is in the queue once for every better way found to it; the first to come out is the best.
            do
                free = nearest.Dequeue();
            while (!passed.Add(free));
            cost = ways[free].Cost;
        }

        newcomer.Surplus -= cost;
        foreach (var seat in passed)
        {
            var shift = cost - ways[seat].Cost;
            seat.Holder?.Surplus -= shift; // the free seat has no holder, and no shift
            seat.Price += shift;
        }

        for (Seat? seat = free; seat is not null;)
        {
            var (_, next, choice) = ways[seat];
            var left = next.Taken?.Seat;
            (seat.Holder, next.Taken) = (next, choice);
            seat = left;
        }
    }

    /// <summary>A unit of a line, and what a bidder must outdo to get it.</summary>
    private sealed class Seat
    {
        public BigInteger Price { get; set; }
        public Bidder? Holder { get; set; }
    }

    /// <summary>A seat that a bidder may take, by one of its coupons.</summary>
    /// <param name="Rank">The place of its pair, or null for the seat beside the receipt that every bidder has.</param>
    private sealed record Choice(Seat Seat, BigInteger Weight, int? Rank)
    {
        public static Choice Nothing() => new(new Seat(), BigInteger.Zero, null);
    }

    private sealed class Bidder(Choice[] choices)
    {
        public Choice[] Choices => choices;
        public BigInteger Surplus { get; set; }
        public Choice? Taken { get; set; }
    }
}
