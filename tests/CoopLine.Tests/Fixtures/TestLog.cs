namespace CoopLine.Tests.Fixtures;

/// <summary>A host's log, kept for the tests that fail on it.</summary>
internal sealed class TestLog : ILoggerProvider
{
    private readonly HostLog kept = HostLog.Current;

    public ILogger CreateLogger(string categoryName) => new Category(kept, categoryName);

    public void Dispose()
    {
    }

    private sealed class Category(HostLog kept, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) kept.Add($"{logLevel} {name}: {formatter(state, exception)} {exception}");
        }
    }
}
