using System.Diagnostics;

namespace CoopLine.Silo.Storage.Batching;

/// <summary>Something for the database that waits for its turn, and somebody who waits for the result.</summary>
internal abstract class Waiting<TResult>
{
    private const int InLine = 0;
    private const int Taken = 1;
    private const int CalledOff = 2;

    // Whoever waits must not run on the queue's loop.
    private readonly TaskCompletionSource<TResult> result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int stage = InLine;

    public Task<TResult> Result => result.Task;

    /// <summary>The span that waits for it; of the default value when nobody records it.</summary>
    public ActivityContext Span { get; } = Activity.Current is { Recorded: true } span ? span.Context : default;

    /// <summary>What it holds in memory while it waits.</summary>
    public virtual int Bytes => 0;

    /// <summary>From here on it happens, whatever its caller wants.</summary>
    public bool Take() => Interlocked.CompareExchange(ref stage, Taken, InLine) == InLine;

    /// <summary>The caller gives up. Only what was not taken can be called off: nobody is left in doubt.</summary>
    public void CallOff(CancellationToken cancellation)
    {
        if (Interlocked.CompareExchange(ref stage, CalledOff, InLine) == InLine) result.TrySetCanceled(cancellation);
    }

    public void Succeed(TResult value) => result.TrySetResult(value);

    public void Fail(Exception fault) => result.TrySetException(fault);
}
