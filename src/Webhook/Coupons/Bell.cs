using System.Threading.Channels;
using CoopLine.Grains.Coupons;

namespace CoopLine.Webhook.Coupons;

/// <summary>What a page's connection waits for. Remembers one ring, however often it is rung.</summary>
internal sealed class Bell : ICouponWatcher
{
    private readonly Channel<bool> rung = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Changed() => rung.Writer.TryWrite(true);

    public async Task<Woken> Wait(TimeSpan most, TimeProvider clock, CancellationToken end)
    {
        using var time = new CancellationTokenSource(most, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(time.Token, end);
        try
        {
            await rung.Reader.ReadAsync(either.Token);
            return Woken.ByARing;
        }
        catch (OperationCanceledException)
        {
            return end.IsCancellationRequested ? Woken.AtTheEnd : Woken.ByTime;
        }
    }
}

internal enum Woken
{
    ByARing,
    ByTime,
    AtTheEnd,
}
