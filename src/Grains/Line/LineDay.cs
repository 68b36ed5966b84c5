namespace CoopLine.Grains.Line;

/// <summary>LINE's days and months are Japan's, wherever the co-op is.</summary>
public static class LineDay
{
    private static readonly TimeSpan Japan = TimeSpan.FromHours(9);

    public static DateTimeOffset StartOfMonth(DateTimeOffset at) => new(Of(at).AddDays(1 - Of(at).Day), TimeOnly.MinValue, Japan);

    public static DateOnly Of(DateTimeOffset at) => DateOnly.FromDateTime(at.ToOffset(Japan).DateTime);
}
