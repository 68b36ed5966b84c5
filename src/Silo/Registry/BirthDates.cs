using CoopLine.Grains.Registry;

namespace CoopLine.Silo.Registry;

/// <summary>The hashes of birth dates, each worked out once: a million members share a few ten thousand.</summary>
/// <param name="today">The date in the co-op's time zone.</param>
internal sealed class BirthDates(RegistryHash hash, DateOnly today)
{
    private readonly Dictionary<string, string> hashes = [];

    /// <param name="normalised">From <see cref="Normalise.BirthDate"/>.</param>
    /// <returns>Null when nobody can be born on that date.</returns>
    public string? Hash(string normalised)
    {
        if (hashes.TryGetValue(normalised, out var known)) return known;
        return BirthDate.IsPossible(normalised, today) ? hashes[normalised] = hash.BirthDate(normalised) : null;
    }
}
