using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using CoopLine.Silo.Monitoring;
using CoopLine.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace CoopLine.Tests.Monitoring;

/// <summary>A machine's clock that somebody sets is told once, by how much and in which direction.</summary>
[NoDatabase]
public sealed class Noticing_that_the_clock_was_set : IAsyncLifetime
{
    private readonly SettableClock machine = new();
    private readonly ServiceProvider services;
    private readonly ConcurrentQueue<string> log = [];
    private readonly MeterListener listener = new();
    private readonly ConcurrentQueue<long> counted = [];
    private double offset;
    private ClockWatch watch = null!;

    public Noticing_that_the_clock_was_set() => services = new ServiceCollection()
        .AddMetrics().AddLogging(logging => logging.AddProvider(new Lines(log))).BuildServiceProvider();

    public async ValueTask InitializeAsync()
    {
        var meters = services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, from) =>
        {
            if (instrument.Meter.Scope == meters) from.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => counted.Enqueue(value));
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => offset = value);
        listener.Start();
        watch = ActivatorUtilities.CreateInstance<ClockWatch>(services, machine);
        await watch.StartAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await watch.StopAsync(CancellationToken.None);
        watch.Dispose();
        listener.Dispose();
        await services.DisposeAsync();
    }

    [Theory]
    [InlineData(-5)]
    [InlineData(-20)]
    [InlineData(-60)]
    [InlineData(60)]
    public async Task A_step_is_logged_and_counted_once(int minutes)
    {
        Pass(TimeSpan.FromMinutes(1));
        machine.Step(TimeSpan.FromMinutes(minutes));
        await Noticed(steps: 1);
        machine.Step(TimeSpan.FromSeconds(2)); // when this one is noticed, nothing more will be told of the first
        await Noticed(steps: 2);

        Assert.Equal([Told(minutes * 60), Told(2)], log);
        Assert.Equal([0, 1, 1], counted);
        listener.RecordObservableInstruments();
        Assert.Equal(minutes * 60 + 2, offset, tolerance: 0.001);
    }

    [Fact]
    public async Task A_clock_that_is_corrected_a_little_was_not_set()
    {
        machine.Step(TimeSpan.FromMilliseconds(900));
        Pass(TimeSpan.FromMinutes(1));
        machine.Step(TimeSpan.FromMinutes(1));
        await Noticed(steps: 1);

        Assert.Single(log);
    }

    private static string Told(double seconds) => $"The machine's clock was set by {seconds:0.0} seconds while this process ran";

    private Task Noticed(int steps) => Eventually.Holds(
        () =>
        {
            Pass(TimeSpan.FromSeconds(5));
            return log.Count >= steps;
        },
        $"{steps} steps are noticed");

    private void Pass(TimeSpan time) => machine.Advance(time);

    private sealed class SettableClock : FakeTimeProvider
    {
        private TimeSpan set;

        public void Step(TimeSpan by) => set += by;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + set;

        public override long GetTimestamp() => base.GetUtcNow().Ticks;
    }

    private sealed class Lines(ConcurrentQueue<string> log) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Enqueue(formatter(state, exception));
    }
}
