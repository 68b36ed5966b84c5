using System.Collections.Concurrent;

namespace CoopLine.Tests.Fixtures;

/// <summary>A running system with everything that can be called, the operators' address included, and the errors in its log.</summary>
public sealed class OpenToOperators : IAsyncLifetime
{
    private readonly ErrorLog errors = new();

    public OpenToOperators() => Coop = new()
    {
        Also = { ["CoopLine:Ops:Url"] = Operators.ToString() },
        Wrap = services => services.AddLogging(logging => logging.AddProvider(errors)),
    };

    public RunningSystem Coop { get; }

    public Uri Public => Coop.Host.Address;

    public Uri Operators { get; } = Ports.Http(Ports.Free());

    /// <summary>Errors, and whatever was logged with an exception.</summary>
    public ConcurrentQueue<string> Troubles => errors.Lines;

    public ValueTask InitializeAsync() => Coop.InitializeAsync();

    public ValueTask DisposeAsync() => Coop.DisposeAsync();

    private sealed class ErrorLog : ILoggerProvider
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => new Category(categoryName, Lines);

        public void Dispose()
        {
        }

        private sealed class Category(string name, ConcurrentQueue<string> lines) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

            public void Log<TState>(
                LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                // Of a machine that stands still for a second, Orleans complains whatever is called.
                if (name.StartsWith("Orleans", StringComparison.Ordinal)) return;
                if (logLevel >= LogLevel.Error || (IsEnabled(logLevel) && exception is not null))
                    lines.Enqueue($"{logLevel} {name}: {formatter(state, exception)} {exception}");
            }
        }
    }
}
