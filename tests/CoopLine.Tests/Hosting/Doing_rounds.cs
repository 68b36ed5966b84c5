using System.Threading.Channels;
using CoopLine.Grains;

namespace CoopLine.Tests.Hosting;

/// <summary>What a host does again and again goes on after a fault, and ends with the host.</summary>
public sealed class Doing_rounds
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_round_that_fails_is_told_and_is_not_the_last()
    {
        using var work = new Work(TimeSpan.FromMilliseconds(1), _ => throw new IOException("away"));
        await work.StartAsync(Cancellation);

        for (var i = 0; i < 3; i++) Assert.IsType<IOException>(await work.Faults.ReadAsync(Cancellation).AsTask().WaitAsync(Patience, Cancellation));

        await work.StopAsync(Cancellation);
        Assert.True(work.ExecuteTask!.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_round_that_the_end_of_the_host_breaks_off_has_not_failed()
    {
        var begun = new TaskCompletionSource();
        using var work = new Work(Timeout.InfiniteTimeSpan, stopping =>
        {
            begun.SetResult();
            return Task.Delay(Timeout.Infinite, stopping);
        });
        await work.StartAsync(Cancellation);
        await begun.Task.WaitAsync(Patience, Cancellation);

        await work.StopAsync(Cancellation);

        Assert.True(work.ExecuteTask!.IsCompletedSuccessfully);
        Assert.False(work.Faults.TryRead(out _));
    }

    private sealed class Work(TimeSpan period, Func<CancellationToken, Task> round) : Rounds(period, TimeProvider.System, atOnce: true)
    {
        private readonly Channel<Exception> faults = Channel.CreateUnbounded<Exception>();

        public ChannelReader<Exception> Faults => faults.Reader;

        protected override Task Round(CancellationToken stopping) => round(stopping);

        protected override void Failed(Exception fault) => Assert.True(faults.Writer.TryWrite(fault));
    }
}
