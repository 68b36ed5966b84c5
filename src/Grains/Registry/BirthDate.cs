using System.Globalization;

namespace CoopLine.Grains.Registry;

/// <summary>A birth date: eight digits, <c>19710401</c>. The link form and the registry's file take the same.</summary>
public static class BirthDate
{
    public const int Length = 8;

    private const string Format = "yyyyMMdd";

    private const int OldestYears = 120;

    public static readonly DateOnly Earliest = new(1900, 1, 1);

    /// <param name="normalised">From <see cref="Normalise.BirthDate"/>.</param>
    /// <returns>Null when it is not in the calendar, or not eight digits.</returns>
    public static DateOnly? Day(string normalised) =>
        normalised.Length == Length
        && Digits.Only(normalised)
        && DateOnly.TryParseExact(normalised, Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : null;

    /// <summary>What <see cref="Day"/> reads.</summary>
    public static string Write(DateOnly day) => day.ToString(Format, CultureInfo.InvariantCulture);

    /// <summary>Whether somebody who lives can be born on that day.</summary>
    /// <param name="today">The date in the co-op's time zone.</param>
    public static bool IsPossible(DateOnly day, DateOnly today) => day >= Earliest && day <= today;

    /// <summary>Whether it would make somebody over 120 years old.</summary>
    public static bool IsTooLongAgo(DateOnly day, DateOnly today) => day < today.AddYears(-OldestYears);

    /// <summary>What stands for "unknown" where something must stand: <c>00000000</c>, <c>99999999</c>.</summary>
    public static bool IsFiller(string normalised) =>
        normalised.Length == Length && Digits.Only(normalised) && !normalised.AsSpan().ContainsAnyExcept(normalised[0]);
}
