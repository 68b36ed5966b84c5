namespace CoopLine.Load;

/// <summary>The till call on the embedded default, one process and one file, against the same job written by hand.</summary>
internal static class SqliteSection
{
    public const string Title = "SQLite";

    private static readonly Level Usual = new(64);

    public static async Task Run(Options options, Results results)
    {
        var seeds = options.Seeds ?? (options.Quick ? 30_000 : 250_000);
        var (template, peerTemplate) = (Path.Combine(Place.Work, "sqlite-seed"), Path.Combine(Place.Work, "sqlite-peer-seed"));
        var peerSeeds = 5 * seeds; // it is fast
        Console.WriteLine($"Preparing {seeds} calls, and {peerSeeds} …");
        await Seeds.Sqlite(template, seeds, phones: seeds);
        await Seeds.SqlitePeer(peerTemplate, peerSeeds);

        var peer = new SqliteStore("peer", peerTemplate);
        Side[] sides =
        [
            new(
                "peer", new("peer", peer, () => Server.Peer(Seeds.SqliteFile(peer.Folder))),
                new SeededCalls(0, peerSeeds, TillSection.Seeded)),
            CoopLine("plain", TillSection.Plain),
            CoopLine("coopline"),
        ];
        await new Turns(sides, options, results).Run(options.Levels(Usual), ("coopline", "peer"), ("coopline", "plain"));
        results.AtLeast("SQLite, 64 connections: times the hand-written service", Times("peer"), 1);
        results.AtLeast("SQLite, 64 connections: group commit on, times off", Times("plain"), 8);
        Directory.Delete(template, recursive: true);
        Directory.Delete(peerTemplate, recursive: true);

        Side CoopLine(string name, params (string, string)[] settings)
        {
            var store = new SqliteStore(name, template);
            return new(
                name, TillSection.CoopLine(name, store, options, [("CoopLine:DataDirectory", store.Folder), .. settings]),
                new IssuedCalls(0, seeds));
        }

        double? Times(string other) => results.Median(Turns.Pair("coopline", other), $"{Usual}", Turns.Speed);
    }

    private sealed class SqliteStore(string name, string template) : Store
    {
        public override string? Database => null;

        public string Folder { get; } = Path.Combine(Place.Work, "sqlite-" + name);

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
            await using var connection = await Seeds.OpenSqlite(Folder);
            await using var command = connection.CreateCommand();
            command.CommandText = PostgresStore.LedgerRows;
            return (long)(await command.ExecuteScalarAsync())!;
        }
    }
}
