namespace CoopLine.Tests.Fixtures;

/// <summary>Waiting for what gives no signal: the condition is looked at again and again.</summary>
internal static class Eventually
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <param name="what">Told when it does not hold, as it is then.</param>
    /// <exception cref="TimeoutException">It did not hold within two minutes of real time.</exception>
    public static async Task Holds(Func<Task<bool>> condition, Func<string> what)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var looks = new PeriodicTimer(BetweenLooks);
        while (!await condition())
        {
            if (patience.IsCancellationRequested) throw new TimeoutException($"Did not hold within {Patience}: {what()}");
            await looks.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    public static Task Holds(Func<Task<bool>> condition, string what) => Holds(condition, () => what);

    public static Task Holds(Func<bool> condition, Func<string> what) => Holds(() => Task.FromResult(condition()), what);

    public static Task Holds(Func<bool> condition, string what) => Holds(condition, () => what);
}
