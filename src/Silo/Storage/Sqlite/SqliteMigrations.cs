using DbUp;
using DbUp.Sqlite.Helpers;
using Microsoft.Data.Sqlite;

namespace CoopLine.Silo.Storage;

/// <summary>Brings the file to the shape this program expects: numbered scripts, forward only, each once.</summary>
internal static class SqliteMigrations
{
    /// <exception cref="InvalidOperationException">The file cannot be written, or a script failed.</exception>
    public static void Apply(SqliteDataSource database, ILoggerFactory logs)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(database.File)!);
            KeepToOwner(database.File);
            using var connection = database.OpenConnection();
            using (var wal = connection.CreateCommand())
            {
                // Kept in the file; cannot change inside a transaction.
                wal.CommandText = "PRAGMA journal_mode = WAL;";
                wal.ExecuteNonQuery();
            }

            using var shared = new SharedConnection(connection);
            var done = DeployChanges.To.SqliteDatabase(shared)
                .WithScriptsEmbeddedInAssembly(
                    typeof(SqliteMigrations).Assembly, name => name.StartsWith("Sqlite/", StringComparison.Ordinal))
                .WithTransaction() // all or nothing, and a second process waits for the first
                .WithVariablesDisabled()
                .LogTo(logs)
                .Build()
                .PerformUpgrade();
            if (!done.Successful)
            {
                throw new InvalidOperationException(
                    $"Migration {done.ErrorScript?.Name} of {database.File} failed: {done.Error.Message}", done.Error);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SqliteException)
        {
            throw new InvalidOperationException(
                $"CoopLine:DataDirectory must be a folder that can be written, but {database.File} cannot: {e.Message}",
                e);
        }
    }

    /// <summary>Whatever the folder lets others do: the file holds member numbers and LINE user ids. <c>-wal</c> and <c>-shm</c> are made like it.</summary>
    private static void KeepToOwner(string file)
    {
        if (OperatingSystem.IsWindows()) return;
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (File.Open(file, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            UnixCreateMode = owner,
        }))
        {
        }

        foreach (var one in new[] { file, file + "-wal", file + "-shm" })
            if (File.Exists(one)) File.SetUnixFileMode(one, owner);
    }
}
