namespace CoopLine.Grains.Registry;

internal static class CalendarDay
{
    /// <returns>Null when there is no such day.</returns>
    public static DateOnly? Of(int year, int month, int day) =>
        year is >= 1 and <= 9999 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month)
            ? new(year, month, day)
            : null;
}
