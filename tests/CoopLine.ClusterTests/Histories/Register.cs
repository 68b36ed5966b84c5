using System.Globalization;
using System.Numerics;
using System.Text;

namespace CoopLine.ClusterTests.Histories;

/// <summary>
/// Whether a history is that of one register: whether all calls can be put in one order, each at some moment between its
/// beginning and its answer, so that each gets the answer it got. A call without an answer may be put anywhere after its
/// beginning, or be left out.
/// </summary>
/// <remarks>
/// The search of Wing and Gong, with the remembering of Lowe: from what has been placed and the state that this led to,
/// any call may come next that began before the first answer of all calls not placed. A pair of placed calls and state
/// that led nowhere once is not tried again.
/// </remarks>
internal static class Register
{
    /// <summary>A history that is this tangled says nothing; better to fail than to search for ever.</summary>
    private const int PlacesMax = 2_000_000;

    /// <returns>Null when the history fits; otherwise the history, and how far it does.</returns>
    /// <exception cref="InvalidOperationException">The search was given up.</exception>
    public static string? Violation<TState>(string name, IEnumerable<Step<TState>> history, TState start)
        where TState : class
    {
        Step<TState>[] steps = [.. history.OrderBy(step => step.Invoked)];
        var known = steps.Count(step => step.IsKnown);
        var seen = new HashSet<(BigInteger, TState)> { (BigInteger.Zero, start) };
        var open = new Stack<(BigInteger Placed, TState State, int Known)>([(BigInteger.Zero, start, 0)]);
        var furthest = (Placed: BigInteger.Zero, State: start, Known: 0);
        while (open.TryPop(out var place))
        {
            if (place.Known == known) return null;
            if (place.Known > furthest.Known) furthest = place;
            var firstAnswer = Step<TState>.Never;
            for (var i = 0; i < steps.Length; i++)
                if (!IsPlaced(place.Placed, i)) firstAnswer = Math.Min(firstAnswer, steps[i].Returned);

            for (var i = 0; i < steps.Length && steps[i].Invoked < firstAnswer; i++)
            {
                if (IsPlaced(place.Placed, i) || steps[i].Take(place.State) is not { } next) continue;
                // A call without an answer that would change nothing is as good as left out.
                if (!steps[i].IsKnown && next.Equals(place.State)) continue;
                var placed = place.Placed | (BigInteger.One << i);
                if (seen.Add((placed, next))) open.Push((placed, next, place.Known + (steps[i].IsKnown ? 1 : 0)));
            }

            if (seen.Count > PlacesMax)
                throw new InvalidOperationException($"{name}: too many orders to try.\n{string.Join('\n', steps.AsEnumerable())}");
        }

        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{name} is not one register. The furthest order (+) ends as {furthest.State}:\n");
        for (var i = 0; i < steps.Length; i++)
            text.Append(IsPlaced(furthest.Placed, i) ? "  + " : "    ").Append(steps[i]).Append('\n');
        return text.ToString();
    }

    private static bool IsPlaced(BigInteger placed, int step) => !((placed >> step) & BigInteger.One).IsZero;
}
