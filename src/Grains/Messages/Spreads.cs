using Microsoft.Extensions.Options;

namespace CoopLine.Grains.Messages;

/// <summary>
/// Over how long a message is sent: LINE would be done with a million in seconds, and then everybody opens the coupon page at once.
/// </summary>
public sealed class Spreads(IOptions<MessageOptions> options)
{
    public TimeSpan Of(MessageDefinition definition, long persons) =>
        definition.Spread ?? (persons > options.Value.SpreadAbove ? TimeSpan.FromMinutes(options.Value.SpreadMinutes) : TimeSpan.Zero);

    /// <summary>When a block is: they are due one after the other.</summary>
    /// <param name="since">From when its plan's spread is reckoned.</param>
    /// <param name="persons">Of the whole plan, as its <paramref name="blocks"/>.</param>
    public DateTimeOffset Due(MessageDefinition definition, DateTimeOffset since, int number, long persons, int blocks) =>
        since + (Of(definition, persons) * (number - 1) / Math.Max(blocks, 1));
}
