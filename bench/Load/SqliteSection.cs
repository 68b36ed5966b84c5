using Microsoft.Data.Sqlite;

namespace CoopLine.Load;

/// <summary>The till call on the embedded default: one process, one file.</summary>
internal static class SqliteSection
{
    public const string Title = "SQLite";

    private const int Connections = 64;

    public static async Task Run(Options options, Results results)
    {
        var seeds = options.Seeds ?? (options.Quick ? 20_000 : 250_000);
        var template = Path.Combine(Place.Work, "sqlite-seed");
        Console.WriteLine($"Preparing {seeds} calls …");
        await Seeds.Sqlite(template, seeds);

        Contender[] all = [CoopLine("coopline"), CoopLine("plain", TillSection.Plain)];
        await Rounds.Run([.. all.Where(one => options.Wants(one.Name))], options.Connections ?? [Connections], options, results);
        results.AtLeast(
            $"SQLite, {Connections} connections: group commit on, times off", Rounds.Ratio(results, "coopline", "plain", Connections), 8);
        Directory.Delete(template, recursive: true);

        HttpContender CoopLine(string name, params (string, string)[] settings)
        {
            var store = new SqliteStore(template);
            return TillSection.CoopLine(name, store, seeds, options, [("CoopLine:DataDirectory", store.Folder), .. settings]);
        }
    }

    private sealed class SqliteStore(string template) : Store
    {
        public override string? Database => null;

        public string Folder { get; } = Path.Combine(Place.Work, "sqlite");

        public override Task Open()
        {
            if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
            Directory.CreateDirectory(Folder);
            foreach (var file in Directory.EnumerateFiles(template)) File.Copy(file, Path.Combine(Folder, Path.GetFileName(file)));
            return Task.CompletedTask;
        }

        public override Task Close()
        {
            Directory.Delete(Folder, recursive: true);
            return Task.CompletedTask;
        }

        public override async Task<long> Recorded()
        {
            await using var connection = new SqliteConnection(Seeds.SqliteConnect(Folder));
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = PostgresStore.LedgerRows;
            return (long)(await command.ExecuteScalarAsync())!;
        }
    }
}
