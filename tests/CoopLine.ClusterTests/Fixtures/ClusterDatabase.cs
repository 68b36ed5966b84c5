using CoopLine.ClusterTests.Fixtures;
using CoopLine.Silo.Storage;
using CoopLine.Tests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

[assembly: AssemblyFixture(typeof(ClusterDatabase))]
// One server for all, and it is killed.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace CoopLine.ClusterTests.Fixtures;

/// <summary>
/// The PostgreSQL server of this run. It waits for the disk as in production, because what was answered must survive its
/// being killed.
/// </summary>
public sealed class ClusterDatabase : IAsyncLifetime
{
    private const string RuntimeRole = "coopline";

    private static int databases;

    private PostgresServer? server;

    internal PostgresServer Server => server ?? throw new InvalidOperationException("There is no PostgreSQL on this machine.");

    public async ValueTask InitializeAsync()
    {
        if (PostgresBinaries.Newest is null)
        {
            Ci.CannotLack("PostgreSQL");
            return;
        }

        server = await PostgresServer.Start("-c max_connections=300");
        PostgresServer.Execute(OwnerOf("postgres"), $"CREATE ROLE {RuntimeRole} LOGIN");
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (server is not null) await server.DisposeAsync();
    }

    /// <summary>A new database with every table and the rights of the service.</summary>
    internal string Create()
    {
        Assert.SkipWhen(server is null, "There is no PostgreSQL on this machine.");
        var name = $"coopline_{Interlocked.Increment(ref databases)}";
        PostgresServer.Execute(OwnerOf("postgres"), $"CREATE DATABASE {name} TEMPLATE template0");
        using (var source = PostgreSqlDatabase.Connect(OwnerOf(name), NullLoggerFactory.Instance))
        {
            PostgreSqlMigrations.Apply(source, NullLoggerFactory.Instance);
        }

        PostgresServer.Execute(
            OwnerOf(name), File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "postgresql-runtime-role.sql")));
        return name;
    }

    internal void Drop(string name)
    {
        PostgresServer.Execute(OwnerOf("postgres"), $"DROP DATABASE {name} WITH (FORCE)");
    }

    /// <summary>For the tests themselves: past the wire, and with all rights.</summary>
    internal string OwnerOf(string name)
    {
        var connection = Server.Connect(name);
        connection.Pooling = false;
        connection.ApplicationName = "tests";
        return connection.ToString();
    }

    /// <summary>For a process of the service.</summary>
    internal static string ServiceConnection(string name, Wire wire) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = wire.Port,
        Database = name,
        Username = RuntimeRole,
        MaxPoolSize = 40,
    }.ToString();
}
