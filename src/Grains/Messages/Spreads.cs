using Microsoft.Extensions.Options;

namespace CoopLine.Grains.Messages;

/// <summary>
/// Over how long a message is sent: LINE would be done with a million in seconds, and then everybody opens the coupon page at once.
/// </summary>
public sealed class Spreads(IOptions<MessageOptions> options)
{
    public TimeSpan Of(MessageDefinition definition, long persons) =>
        definition.Spread ?? (persons > options.Value.SpreadAbove ? TimeSpan.FromMinutes(options.Value.SpreadMinutes) : TimeSpan.Zero);
}
