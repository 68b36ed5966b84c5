using System.Diagnostics;
using System.Globalization;

namespace CoopLine.Load;

/// <summary>
/// The member registry: against an importer written by hand, and against the same file copied into a table without any rule. And
/// what tills notice of an import.
/// </summary>
internal static class ImportSection
{
    public const string Title = "Import";

    private const string Database = "import";

    private static readonly string[] Contenders = ["coopline", "peer", "copy"];
    private static readonly Level Tills = Level.AtRate(500);

    public static async Task Run(Options options, Results results)
    {
        var members = options.Seeds ?? (options.Quick ? 80_000 : 1_000_000);
        var file = Path.Combine(Place.Work, "members.csv");
        await WriteFile(file, members);

        for (var round = 1; round <= options.Rounds; round++)
        {
            if (options.Wants("coopline")) await Measure("coopline", "registry_row", CoopLine);
            if (options.Wants("peer")) await Measure("peer", "registry", Peer);
            if (options.Wants("copy")) await Measure("copy", "member", Copy);
        }

        double? Seconds(string contender) => results.Median(contender, Title, "seconds");
        results.Table(
            ["contender", "seconds", "lowest–highest", "members/s"],
            from contender in Contenders
            select new object?[]
            {
                contender, Seconds(contender), results.Spread(contender, Title, "seconds"), members / Seconds(contender),
            });
        results.AtMost(
            string.Create(CultureInfo.InvariantCulture, $"Import of {members:N0} members: times the hand-written importer"),
            Seconds("coopline") / Seconds("peer"), 1);
        results.AtMost(
            string.Create(CultureInfo.InvariantCulture, $"Import of {members:N0} members: times a bare COPY"),
            Seconds("coopline") / Seconds("copy"), 3);
        await BesideTills(file, members, options, results);
        File.Delete(file);

        async Task Measure(string contender, string table, Func<Task<TimeSpan>> import)
        {
            await Postgres.Create(Database);
            var took = await import();
            var stored = await Postgres.Ask<long>(Database, $"SELECT count(*) FROM {table}");
            if (stored != members) throw new InvalidDataException($"{contender}: {stored} of {members} members are stored.");
            results.Add(contender, Title, "seconds", took.TotalSeconds);
            Console.WriteLine($"{contender}: {Results.Format(took.TotalSeconds)} s");
            await Postgres.Drop(Database);
        }

        async Task<TimeSpan> CoopLine()
        {
            var settings = Server.CoopLineSettings(Database);
            await Processes.Run("dotnet", [Server.CoopLineAssembly, "migrate"], settings);
            return await Time(() => Processes.Run("dotnet", [Server.CoopLineAssembly, "import", file], settings));
        }

        async Task<TimeSpan> Peer()
        {
            await Postgres.Execute(Database, await File.ReadAllTextAsync(Server.PeerSchema));
            return await Time(() => Processes.Run("dotnet", [Server.PeerAssembly, "import", file], new Dictionary<string, string>
            {
                ["Peer__Database"] = Postgres.Connect(Database),
                ["Peer__HashKey"] = "bench-registry-hash-key",
            }));
        }

        async Task<TimeSpan> Copy()
        {
            await Postgres.Execute(
                Database,
                """
                CREATE TABLE member (
                    member_number text, phones text, birth_date text, status text, businesses text, home_store text,
                    replaced_by text)
                """);
            return await Time(() => Processes.Run(
                Postgres.Program("psql"), ["-q", Postgres.Address(Database), "-c", $"\\copy member FROM '{file}' CSV HEADER"]));
        }
    }

    /// <summary>The whole registry, and a tenth of it, sent to the process that the tills call.</summary>
    private static async Task BesideTills(string file, long members, Options options, Results results)
    {
        const string template = "seed_import";
        var calls = members / 4;
        await Seeds.CoopLine(template, 3 * calls, phones: 3 * calls);
        var part = Path.Combine(Place.Work, "members-delta.csv");
        await WriteFile(part, members / 10);

        var coopLine = TillSection.CoopLine("coopline", new PostgresStore("coopline", template), options);
        Side[] sides =
        [
            new("no import", coopLine, new IssuedCalls(0, calls)),
            new("full", coopLine, new IssuedCalls(calls, 2 * calls), port => Send(port, file, "full")),
            new("delta", coopLine, new IssuedCalls(2 * calls, 3 * calls), port => Send(port, part, "delta")),
        ];
        await new Turns(sides, options with { Rounds = 1 }, results).Run(options.Levels(Tills), ("full", "no import"), ("delta", "no import"));
        File.Delete(part);
        await Postgres.Drop(template);

        static async Task Send(int port, string file, string mode)
        {
            using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
            http.DefaultRequestHeaders.Authorization = new("Bearer", Server.StaffKey);
            using var csv = new StreamContent(File.OpenRead(file));
            csv.Headers.ContentType = new("text/csv");
            using var answer = await http.PostAsync(new Uri($"http://127.0.0.1:{port}/staff/v1/registry/imports?mode={mode}"), csv);
            if (!answer.IsSuccessStatusCode) throw new InvalidDataException(await answer.Content.ReadAsStringAsync());
        }
    }

    private static async Task<TimeSpan> Time(Func<Task> what)
    {
        var start = Stopwatch.GetTimestamp();
        await what();
        return Stopwatch.GetElapsedTime(start);
    }

    private static async Task WriteFile(string file, long members)
    {
        await using var csv = new StreamWriter(file);
        await csv.WriteLineAsync("member_number,phones,birth_date,status,businesses,home_store,replaced_by");
        for (var i = 0L; i < members; i++)
        {
            var birth = new DateOnly(1930, 1, 1).AddDays((int)(i * 7919 % 27_000));
            var phone = i % 100_000_000;
            await csv.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{Sale.Member(i)},090-{phone / 10_000:D4}-{phone % 10_000:D4};03-{phone % 10_000:D4}-{phone / 10_000:D4},"
                + $"{birth:yyyy-MM-dd},active,store;home,{Sale.Store(i)},"));
        }
    }
}
