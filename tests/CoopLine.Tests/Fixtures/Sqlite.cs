using CoopLine.Silo.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace CoopLine.Tests.Fixtures;

/// <summary>A SQLite database, for tests about SQLite: in a folder that is deleted with it.</summary>
public sealed class Sqlite : IDisposable
{
    /// <summary>For <c>CoopLine:DataDirectory</c>.</summary>
    public string DataDirectory { get; } = Directory.CreateTempSubdirectory("coopline-").FullName;

    public string File => Path.Combine(DataDirectory, "coopline.db");

    public void Dispose() => Directory.Delete(DataDirectory, recursive: true);

    /// <summary>The migrated database, opened beside whatever else uses it.</summary>
    internal SqliteDataSource Open(TimeProvider? clock = null)
    {
        var database = new SqliteDataSource(File, clock ?? TimeProvider.System);
        SqliteMigrations.Apply(database, NullLoggerFactory.Instance);
        return database;
    }
}
