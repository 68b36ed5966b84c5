using CoopLine.Grains;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Pages;

/// <summary>The time as members read it: in the co-op's zone.</summary>
internal sealed class MemberClock(TimeProvider clock, IOptions<CoopOptions> coop)
{
    private readonly TimeZoneInfo zone = TimeZoneInfo.FindSystemTimeZoneById(coop.Value.TimeZone);

    public DateTimeOffset Now => clock.GetUtcNow();

    public DateOnly Today => DateOnly.FromDateTime(Local(Now).DateTime);

    public DateTimeOffset Local(DateTimeOffset moment) => TimeZoneInfo.ConvertTime(moment, zone);

    /// <returns><c>11月22日 10時05分</c></returns>
    public string Read(DateTimeOffset moment) => PageTexts.All["Moment", Local(moment)];
}
