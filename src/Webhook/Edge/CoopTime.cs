using CoopLine.Grains;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Edge;

/// <summary>Moments as people of the co-op read them.</summary>
internal sealed class CoopTime(IOptions<CoopOptions> coop)
{
    private readonly TimeZoneInfo zone = TimeZoneInfo.FindSystemTimeZoneById(coop.Value.TimeZone);

    public DateTimeOffset Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, zone);

    /// <summary>The moment at which a day begins.</summary>
    public DateTimeOffset Start(DateTime day) => new(day, zone.GetUtcOffset(day));

    public DateTimeOffset? Local(DateTimeOffset? at) => at is { } moment ? Local(moment) : null;
}
