using Microsoft.Extensions.Options;

namespace CoopLine.Grains.Messages;

/// <summary>When nothing is sent, because people sleep.</summary>
public sealed class QuietHours(IOptions<MessageOptions> options, CoopTime time)
{
    private readonly TimeOnly from = options.Value.QuietFrom;
    private readonly TimeOnly to = options.Value.QuietTo;

    public bool Are(DateTimeOffset at) => from != to && TimeOnly.FromDateTime(time.Local(at).DateTime).IsBetween(from, to);

    /// <summary>This moment, or the next one at which people are awake.</summary>
    public DateTimeOffset Over(DateTimeOffset at)
    {
        if (!Are(at)) return at;
        var local = time.Local(at).DateTime;
        var today = DateOnly.FromDateTime(local);
        return time.At(TimeOnly.FromDateTime(local) < to ? today : today.AddDays(1), to);
    }
}
