using System.Globalization;
using Npgsql;

namespace CoopLine.Load;

/// <summary>The server that <c>bench/run</c> has started.</summary>
internal static class Postgres
{
    public static int Port { get; } = int.Parse(Place.Of("BENCH_POSTGRES_PORT"), CultureInfo.InvariantCulture);

    public static int ProcessId { get; } = int.Parse(
        File.ReadLines(Path.Combine(Place.Work, "postgres", "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    public static string Program(string name) => Path.Combine(Place.Of("BENCH_POSTGRES_BIN"), name);

    public static string Connect(string database) =>
        $"Host=127.0.0.1;Port={Port};Username=postgres;Database={database}";

    /// <summary>The same for those who want an address.</summary>
    public static string Address(string database) => $"postgresql://postgres@127.0.0.1:{Port}/{database}";

    public static async Task Execute(string database, string sql)
    {
        await using var connection = await Open(database);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }

    public static async Task<T> Ask<T>(string database, string sql)
    {
        await using var connection = await Open(database);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>A database like the template; an older one of that name goes away.</summary>
    public static async Task Create(string database, string template = "template0")
    {
        await Drop(database);
        await Execute("postgres", $"CREATE DATABASE {database} TEMPLATE {template} STRATEGY FILE_COPY");
    }

    /// <summary>What was prepared is on the disk: nobody's commit waits for it.</summary>
    public static async Task Settle()
    {
        await Execute("postgres", "CHECKPOINT");
        await Processes.Run("sync", []);
    }

    public static Task Drop(string database) => Execute("postgres", $"DROP DATABASE IF EXISTS {database} WITH (FORCE)");

    public static Task<decimal> WalBytes() =>
        Ask<decimal>("postgres", "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn");

    public static Task<long> Bytes(string database) => Ask<long>("postgres", $"SELECT pg_database_size('{database}')");

    public static async Task<NpgsqlConnection> Open(string database)
    {
        var connection = new NpgsqlConnection(Connect(database) + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }
}

/// <summary>Where things are, as <c>bench/run</c> says.</summary>
internal static class Place
{
    public static string Work { get; } = Of("BENCH_WORK");

    public static string Repository { get; } = Of("BENCH_REPOSITORY");

    public static string Of(string name) => Environment.GetEnvironmentVariable(name)
        ?? throw new InvalidOperationException($"{name} is not set: start bench/run instead.");

    public static string Assembly(string project, string name) =>
        Path.Combine(Repository, project, "bin", "Release", "net10.0", name);
}
