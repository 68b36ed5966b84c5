namespace CoopLine.Simulator;

/// <summary>Wakes whoever waits for something to be true, each time anything in the simulator has changed.</summary>
internal sealed class Changes
{
    private static readonly TimeSpan SafetyTimeout = TimeSpan.FromMinutes(1);
    private TaskCompletionSource next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes at the next change. Take it before looking, so that no change slips between.</summary>
    public Task Next => Volatile.Read(ref next).Task;

    public void Announce() =>
        Interlocked.Exchange(ref next, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();

    /// <summary>Waits until <paramref name="look"/> finds something; gives up after a minute of real time.</summary>
    /// <exception cref="TimeoutException">It was never found; the message says what there was.</exception>
    public async Task<T> Until<T>(Func<T?> look, string what, Func<string> instead) where T : class
    {
        using var safety = new CancellationTokenSource(SafetyTimeout);
        while (true)
        {
            var change = Next;
            if (look() is { } found) return found;

            try
            {
                await change.WaitAsync(safety.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"Waited {SafetyTimeout.TotalSeconds} s for {what}. There was: {instead()}");
            }
        }
    }
}
