namespace CoopLine.Tests.Fixtures;

/// <summary>The programs of PostgreSQL on this machine.</summary>
internal static class PostgresBinaries
{
    /// <summary>Where the versions are: Debian's folder, or the one that COOPLINE_TEST_POSTGRESQL names.</summary>
    private static string Versions { get; } =
        Environment.GetEnvironmentVariable("COOPLINE_TEST_POSTGRESQL") ?? "/usr/lib/postgresql";

    /// <summary>The folder of the newest version's; null where there is no PostgreSQL.</summary>
    public static string? Newest { get; } = Directory.Exists(Versions)
        ? Directory.GetDirectories(Versions)
            .OrderByDescending(version => int.TryParse(Path.GetFileName(version), out var number) ? number : 0)
            .Select(version => Path.Combine(version, "bin"))
            .FirstOrDefault(bin => File.Exists(Path.Combine(bin, "initdb")))
        : null;
}
