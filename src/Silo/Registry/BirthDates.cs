using System.Globalization;
using CoopLine.Grains.Registry;

namespace CoopLine.Silo.Registry;

/// <summary>The hashes of birth dates, each worked out once: a million members share a few ten thousand.</summary>
/// <param name="today">The date in the co-op's time zone.</param>
internal sealed class BirthDates(RegistryHash hash, DateOnly today)
{
    private const int EarliestYear = 1900;

    private readonly Dictionary<string, string> hashes = [];

    /// <param name="normalised">From <see cref="Normalise.BirthDate"/>.</param>
    /// <returns>Null when nobody can be born on that date.</returns>
    public string? Hash(string normalised)
    {
        if (hashes.TryGetValue(normalised, out var known)) return known;
        return IsPossible(normalised) ? hashes[normalised] = hash.BirthDate(normalised) : null;
    }

    private bool IsPossible(string date) =>
        date.Length == 8
        && date.All(char.IsAsciiDigit)
        && DateOnly.TryParseExact(date, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
        && day.Year >= EarliestYear
        && day <= today;
}
