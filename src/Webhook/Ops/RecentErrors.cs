using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using CoopLine.Grains;
using Microsoft.Extensions.Logging;

namespace CoopLine.Webhook.Ops;

/// <summary>The last errors of this process's log, masked as the log is.</summary>
internal sealed class RecentErrors(TimeProvider clock) : ILoggerProvider
{
    private const int Kept = 20;

    private readonly TimeProvider clock = clock;
    private readonly ConcurrentQueue<LoggedError> errors = new();

    /// <summary>Newest first.</summary>
    public ImmutableArray<LoggedError> Newest => [.. errors.Reverse()];

    public ILogger CreateLogger(string categoryName) => new Category(categoryName.Split('.')[^1], this);

    public void Dispose()
    {
    }

    private sealed class Category(string source, RecentErrors all) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            var text = formatter(state, exception).Split('\n')[0] + (exception is null ? "" : $" ({exception.GetType().Name})");
            all.errors.Enqueue(new(all.clock.GetUtcNow(), source, PersonalData.Mask(text), Activity.Current?.TraceId.ToString()));
            while (all.errors.Count > Kept) all.errors.TryDequeue(out _);
        }
    }
}

/// <param name="Source">Last part of the log category.</param>
internal sealed record LoggedError(DateTimeOffset At, string Source, string Text, string? TraceId);
