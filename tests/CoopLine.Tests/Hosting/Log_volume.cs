using System.Collections.Concurrent;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Hosting;

/// <summary>A busy day must not bury the line that an operator looks for.</summary>
[OneDatabase]
public sealed class Log_volume : IAsyncLifetime
{
    private readonly Lines lines = new();
    private readonly RunningSystem coop;

    public Log_volume() => coop = new() { Wrap = services => services.AddLogging(logging => logging.AddProvider(lines)) };

    public ValueTask InitializeAsync() => coop.InitializeAsync();

    public ValueTask DisposeAsync() => coop.DisposeAsync();

    [Fact]
    public async Task A_till_call_is_one_line_of_the_log()
    {
        const int calls = 10;
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var code = await coop.ShowCode(phone, tofu);
        await phone.Settle();

        lines.Written.Clear();
        for (var i = 0; i < calls; i++) await coop.Redeem(coop.Sale(code)); // once redeemed, then refused

        Assert.Equal(calls, lines.Written.Count(line => line.Contains("Redemption at store", StringComparison.Ordinal)));
        Assert.Equal(calls, lines.Written.Count);
    }

    /// <summary>What the program's own settings let through.</summary>
    private sealed class Lines : ILoggerProvider
    {
        public ConcurrentQueue<string> Written { get; } = [];

        public ILogger CreateLogger(string categoryName) => new Category(categoryName, this);

        public void Dispose()
        {
        }

        private sealed class Category(string name, Lines lines) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(
                LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                // Of a machine that stands still for a second, Orleans and Kestrel warn, whatever is called.
                if (logLevel < LogLevel.Warning || name.StartsWith("CoopLine", StringComparison.Ordinal)) lines.Written.Enqueue(formatter(state, exception));
            }
        }
    }
}
