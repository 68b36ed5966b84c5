using System.Reflection;
using DbUp;
using DbUp.Postgresql;
using Npgsql;

namespace CoopLine.Silo.Storage;

/// <summary>
/// Numbered scripts, forward only, each once. Applying them is a command of its own, by a role that may change tables; the
/// service only looks whether that was done.
/// </summary>
internal static class PostgreSqlMigrations
{
    private const string Journal = "schemaversions";

    /// <summary>Key of the lock that lets one program at a time migrate a database: any number that nobody else uses.</summary>
    private const long Turn = 0x436F6F704C696E65;

    private static readonly Assembly Scripts = typeof(PostgreSqlMigrations).Assembly;

    /// <exception cref="InvalidOperationException">A script failed; none of this run was applied.</exception>
    public static void Apply(NpgsqlDataSource database, ILoggerFactory logs)
    {
        using var turn = database.OpenConnection();
        using (var wait = turn.Command("SELECT pg_advisory_lock(@turn)", ("@turn", Turn)))
        {
            wait.CommandTimeout = 0;
            wait.ExecuteNonQuery();
        }

        try
        {
            var done = DeployChanges.To.PostgresqlDatabase(new PostgresqlConnectionManager(database))
                .WithScriptsEmbeddedInAssembly(Scripts, IsScript)
                .WithTransaction() // all or nothing
                .WithVariablesDisabled()
                .WithExecutionTimeout(TimeSpan.Zero)
                .LogTo(logs)
                .Build()
                .PerformUpgrade();
            if (!done.Successful)
            {
                throw new InvalidOperationException(
                    $"Migration {done.ErrorScript?.Name} failed: {done.Error.Message}", done.Error);
            }
        }
        finally
        {
            using var next = turn.Command("SELECT pg_advisory_unlock(@turn)", ("@turn", Turn));
            next.ExecuteNonQuery();
        }
    }

    /// <exception cref="SchemaException">A script of this program has not been applied.</exception>
    public static void Check(NpgsqlDataSource database)
    {
        var missing = Scripts.GetManifestResourceNames().Where(IsScript).Order(StringComparer.Ordinal).ToList();
        using var connection = database.OpenConnection();
        using (var exists = connection.Command($"SELECT to_regclass('{Journal}') IS NOT NULL"))
        {
            if (exists.ExecuteScalar() is not true) throw new SchemaException(database, missing);
        }

        using var applied = connection.Command($"SELECT scriptname FROM {Journal}");
        using var row = applied.ExecuteReader();
        while (row.Read()) missing.Remove(row.GetString(0));
        if (missing.Count > 0) throw new SchemaException(database, missing);
    }

    private static bool IsScript(string name) => name.StartsWith("PostgreSql/", StringComparison.Ordinal);
}

/// <summary>The operator has to migrate the database first.</summary>
public sealed class SchemaException : Exception
{
    internal SchemaException(NpgsqlDataSource database, IEnumerable<string> missing)
        : base(Text(new(database.ConnectionString), missing))
    {
    }

    private static string Text(NpgsqlConnectionStringBuilder database, IEnumerable<string> missing) =>
        $"CoopLine cannot start: database {database.Database} on {database.Host} has no tables yet or older ones than this "
        + $"program needs. Run the command \"migrate\" with a role that may create tables. Missing: {string.Join(", ", missing)}.";
}
