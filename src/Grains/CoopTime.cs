namespace CoopLine.Grains;

/// <summary>Days and times as people of the co-op read them.</summary>
public sealed class CoopTime
{
    /// <summary>The setting: an IANA name. Default <c>Asia/Tokyo</c>.</summary>
    public const string Setting = "CoopLine:Coop:TimeZone";

    private const string Default = "Asia/Tokyo";

    private readonly TimeZoneInfo zone;

    /// <param name="name">What is set, if anything is.</param>
    /// <exception cref="InvalidOperationException">This machine knows no such zone.</exception>
    public CoopTime(string? name = null)
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(name ?? Default, out var found))
            throw new InvalidOperationException($"{Setting} is no time zone that this machine knows, such as {Default}.");
        zone = found;
    }

    public DateTimeOffset Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, zone);

    public DateTimeOffset? Local(DateTimeOffset? at) => at is { } moment ? Local(moment) : null;

    public DateOnly DayOf(DateTimeOffset at) => DateOnly.FromDateTime(Local(at).DateTime);

    /// <summary>The moment at which a day begins.</summary>
    public DateTimeOffset Start(DateOnly day) => At(day, TimeOnly.MinValue);

    /// <summary>The moment at which clocks show this.</summary>
    public DateTimeOffset At(DateOnly day, TimeOnly hour)
    {
        var local = day.ToDateTime(hour);
        return new(local, zone.GetUtcOffset(local));
    }
}
