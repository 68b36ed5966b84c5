using System.Diagnostics;
using System.Globalization;

namespace CoopLine.Load;

/// <summary>The member registry, against the same file copied into a table without any rule.</summary>
internal static class ImportSection
{
    public const string Title = "Import";

    private static readonly string[] Contenders = ["coopline", "copy"];

    public static async Task Run(Options options, Results results)
    {
        var members = options.Seeds ?? (options.Quick ? 50_000 : 1_000_000);
        var file = Path.Combine(Place.Work, "members.csv");
        await WriteFile(file, members);

        for (var round = 1; round <= options.Rounds; round++)
        {
            if (options.Wants("coopline")) await Measure("coopline", "registry_row", CoopLine);
            if (options.Wants("copy")) await Measure("copy", "member", Copy);
        }

        File.Delete(file);
        double? Seconds(string contender) => results.Median(contender, Title, "seconds");
        results.Table(
            ["contender", "seconds", "lowest–highest", "members/s"],
            from contender in Contenders
            select new object?[]
            {
                contender, Seconds(contender), results.Spread(contender, Title, "seconds"), members / Seconds(contender),
            });
        results.AtMost(
            string.Create(CultureInfo.InvariantCulture, $"Import of {members:N0} members: times a bare COPY"),
            Seconds("coopline") / Seconds("copy"), 3);

        async Task Measure(string contender, string table, Func<string, Task<TimeSpan>> import)
        {
            const string database = "import";
            await Postgres.Create(database);
            var took = await import(database);
            var stored = await Postgres.Ask<long>(database, $"SELECT count(*) FROM {table}");
            if (stored != members) throw new InvalidDataException($"{contender}: {stored} of {members} members are stored.");
            results.Add(contender, Title, "seconds", took.TotalSeconds);
            Console.WriteLine($"{contender}: {Results.Format(took.TotalSeconds)} s");
            await Postgres.Drop(database);
        }

        async Task<TimeSpan> CoopLine(string database)
        {
            var settings = Server.CoopLineSettings(database);
            await Processes.Run("dotnet", [Server.CoopLineAssembly, "migrate"], settings);
            return await Time(() => Processes.Run("dotnet", [Server.CoopLineAssembly, "import", file], settings));
        }

        async Task<TimeSpan> Copy(string database)
        {
            await Postgres.Execute(
                database,
                """
                CREATE TABLE member (
                    member_number text, phones text, birth_date text, status text, businesses text, home_store text,
                    replaced_by text)
                """);
            return await Time(() => Processes.Run(
                Postgres.Program("psql"), ["-q", Postgres.Address(database), "-c", $"\\copy member FROM '{file}' CSV HEADER"]));
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
