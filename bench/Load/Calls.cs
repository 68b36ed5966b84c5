namespace CoopLine.Load;

/// <summary>Where the requests of one side come from: each is sent once.</summary>
internal abstract class Calls
{
    /// <summary>So many that were not sent yet.</summary>
    /// <exception cref="InvalidOperationException">There are not so many.</exception>
    public abstract Requests Prepare(Contender contender, long count);

    /// <summary>The contender's processes begin anew.</summary>
    /// <param name="fresh">On the data with which they began before.</param>
    public abstract void Restart(bool fresh);
}

/// <summary>Calls that were prepared in the contender's data before it started: numbers from one to another.</summary>
/// <param name="make">So many, from that number on.</param>
internal sealed class SeededCalls(long first, long end, Func<long, long, Requests> make) : Calls
{
    private Requests? last;

    public override Requests Prepare(Contender contender, long count)
    {
        var next = last?.Unused ?? first;
        if (next + count > end)
            throw new InvalidOperationException($"{contender.Name}: of {end - first} calls that were prepared too few are left: give more --seeds.");
        return last = make(next, count);
    }

    public override void Restart(bool fresh) => last = fresh ? null : last;
}
