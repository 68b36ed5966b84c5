using Orleans.Runtime.Messaging;
using Orleans.Storage;

namespace CoopLine.Webhook.Edge;

/// <summary>
/// Repeats a grain call that a dying or leaving silo did not answer, until the grain answers in another one, so that our
/// caller does not notice. The call may have been carried out already: use this only for calls that can be made twice and are
/// then answered as if made once. For the others there is <see cref="OnConflict"/>.
/// </summary>
internal sealed class Patience(TimeProvider clock)
{
    /// <summary>A till gives up after ten seconds.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(9);

    /// <summary>As long as Orleans gives a grain call. Work that is done in this process ends then as well.</summary>
    private static readonly TimeSpan FirstTry = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    /// <exception cref="TimeoutException">There was no answer within <see cref="Limit"/>.</exception>
    public Task<T> Repeat<T>(Func<Task<T>> call) => Repeat(_ => call());

    /// <param name="call">
    /// Is told whether an earlier try may still be under way. One that was turned away, or whose write met a newer state, is not.
    /// </param>
    /// <inheritdoc cref="Repeat{T}(Func{Task{T}})"/>
    public async Task<T> Repeat<T>(Func<bool, Task<T>> call)
    {
        var since = clock.GetTimestamp();
        var underWay = false;
        try
        {
            return await call(false).WaitAsync(FirstTry, clock); // as a rule the only one
        }
        catch (Exception fault) when (MayPass(fault))
        {
            Count(fault);
            underWay = MayBeUnderWay(fault);
        }

        for (var wait = FirstWait; ; wait = Shorter(2 * wait, LongestWait))
        {
            // Between a half and the whole, so that not all who wait for the same silo come back at once.
            await Task.Delay(wait * (1 - Random.Shared.NextDouble() / 2), clock);
            try
            {
                return await call(underWay).WaitAsync(Left(), clock);
            }
            catch (Exception fault) when (MayPass(fault) && Left() > LongestWait)
            {
                Count(fault);
                underWay |= MayBeUnderWay(fault);
            }
        }

        TimeSpan Left() => Limit - clock.GetElapsedTime(since) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    public Task Repeat(Func<Task> call) => Repeat(async () =>
    {
        await call();
        return true;
    });

    /// <summary>
    /// A silo that is gone or on its way out, an answer that did not come, a write that met a newer state. Not what the
    /// database refuses or cannot do: the caller is told that, and may come back.
    /// </summary>
    private static bool MayPass(Exception fault) => fault
        is OrleansMessageRejectionException or ConnectionFailedException or TimeoutException or InconsistentStateException;

    private static bool MayBeUnderWay(Exception fault) =>
        fault is TimeoutException or ConnectionFailedException or SiloUnavailableException;

    private static void Count(Exception fault)
    {
        if (fault is InconsistentStateException) Telemetry.Conflicts.Add(1);
        else Telemetry.Repeats.Add(1, new KeyValuePair<string, object?>("coopline.fault", fault.GetType().Name));
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
