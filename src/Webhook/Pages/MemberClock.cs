using CoopLine.Grains;

namespace CoopLine.Webhook.Pages;

/// <summary>The time as members read it: in the co-op's time.</summary>
internal sealed class MemberClock(TimeProvider clock, CoopTime time)
{
    public DateTimeOffset Now => clock.GetUtcNow();

    public DateOnly Today => time.DayOf(Now);

    public DateTimeOffset Local(DateTimeOffset moment) => time.Local(moment);

    /// <returns><c>11月22日 10時05分</c></returns>
    public string Read(DateTimeOffset moment) => PageTexts.All["Moment", Local(moment)];
}
