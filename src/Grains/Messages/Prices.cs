using Microsoft.Extensions.Options;

namespace CoopLine.Grains.Messages;

/// <summary>What messages beyond the included ones cost.</summary>
public sealed class Prices(IOptions<MessageOptions> options)
{
    // Yen without tax, published in 2023. The price falls further above a million; at most, it does not.
    private static readonly PriceStep[] Published =
    [
        new(50_000, 3.0m), new(100_000, 2.8m), new(200_000, 2.6m), new(300_000, 2.4m), new(400_000, 2.2m), new(500_000, 2.0m),
        new(600_000, 1.9m), new(700_000, 1.8m), new(800_000, 1.7m), new(900_000, 1.6m), new(null, 1.5m),
    ];

    private readonly PriceStep[] steps = options.Value.Prices is [] ? Published : options.Value.Prices;

    /// <summary>How many of so many more are included.</summary>
    /// <param name="used">Messages of this month before them.</param>
    public long Free(long used, long persons) => Math.Clamp(options.Value.Included - used, 0, persons);

    /// <summary>Sen, a hundredth of a yen, for so many more.</summary>
    /// <param name="used">Messages of this month before them.</param>
    public long Sen(long used, long persons)
    {
        var from = Math.Max(used - options.Value.Included, 0);
        var to = Math.Max(used + persons - options.Value.Included, 0);
        long below = 0;
        decimal yen = 0;
        foreach (var step in steps)
        {
            var upTo = step.UpTo ?? long.MaxValue;
            yen += step.Yen * Math.Max(Math.Min(to, upTo) - Math.Max(from, below), 0);
            below = upTo;
        }

        return (long)(yen * 100);
    }

    /// <summary>Whole yen: what has begun is counted.</summary>
    public static long Yen(long sen) => (sen + 99) / 100;
}
