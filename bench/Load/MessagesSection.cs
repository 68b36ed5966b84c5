using System.Globalization;
using System.Text.Json;

namespace CoopLine.Load;

/// <summary>
/// A message to everybody: its plan, its sending through a LINE that takes everything at once, what that costs, and what tills notice
/// on SQLite. Beside it, by turns, the same job written by hand.
/// </summary>
internal static class MessagesSection
{
    public const string Title = "Messages to many";

    private const string CoopLine = "coopline";
    private const string Peer = "peer";
    private const string OnSqlite = "coopline on SQLite";
    private const string Plan = "plan, s";
    private const string Speed = "persons/s";
    private const string SpeedWithPlan = "persons/s with the plan";
    private const string ServerCpu = "server µs/person";
    private const string PostgresCpu = "PostgreSQL µs/person";
    private const string PlanCpu = "of the plan";
    private const string Peak = "peak MB";
    private const string Preview = "preview, s";
    private const string Effect = "results, s";
    private const string NotRedeemed = "calls of tills that were told to ask again";
    private const string Wait = "longest wait of a till, s";

    /// <summary>Of sizes that nobody is compared at.</summary>
    private const int FewTurns = 2;

    private const int TillCalls = 5_000;
    private const int TillsPerSecond = 20;

    private static readonly string[] Metrics = [Plan, Speed, SpeedWithPlan, ServerCpu, PostgresCpu, PlanCpu, Peak];

    public static async Task Run(Options options, Results results)
    {
        var usual = options.Seeds ?? (options.Quick ? 10_000 : 350_000);
        int[] sizes = options.Seeds is not null ? [usual] : options.Quick ? [2_000, usual, 20_000] : [10_000, usual, 1_000_000];
        foreach (var size in sizes)
            if (options.Wants(CoopLine)) await OnPostgres(size, compared: size == usual, options, results);
        foreach (var size in sizes.Where(size => size >= usual))
            if (options.Wants("sqlite")) await Sqlite(size, options, results);

        results.Table(
            ["contender", "friends", "turns", .. Metrics],
            from one in (string[])[CoopLine, Peer, OnSqlite]
            from size in sizes
            where results.Count(one, Name(size), Speed) > 0
            select (object?[])
            [
                one, Name(size), results.Count(one, Name(size), Speed),
                .. Metrics.Select(metric => (object?)results.Median(one, Name(size), metric)),
            ]);
        Tell(usual, sizes, results);
    }

    private static void Tell(int usual, int[] sizes, Results results)
    {
        double? Of(string one, string metric, int? size = null) => results.Median(one, Name(size ?? usual), metric);
        results.Table(
            [$"at {Name(usual)} friends", "median", "lowest–highest"],
            from what in (string[])[Preview, Effect, Wait, NotRedeemed]
            from one in (string[])[CoopLine, OnSqlite]
            where results.Count(one, Name(usual), what) > 0
            select (object?[])[$"{one}: {what}", Of(one, what), results.Spread(one, Name(usual), what)]);
        results.AtMost($"Messages: seconds to plan {Name(usual)} on PostgreSQL", Of(CoopLine, Plan), 10);
        results.AtMost($"Messages: seconds to plan {Name(usual)} on SQLite", Of(OnSqlite, Plan), 30);
        results.AtLeast("Messages: persons/s", Of(CoopLine, Speed), 50_000);
        results.AtLeast("Messages: persons/s, times a hand-written sender", Of(CoopLine, Speed) / Of(Peer, Speed), 0.8);
        results.AtMost("Messages: PostgreSQL's µs a person", Of(CoopLine, PostgresCpu), 20);
        results.AtMost(
            $"Messages: peak MB with {Name(sizes[^1])} friends, more than with {Name(sizes[0])}",
            Of(CoopLine, Peak, sizes[^1]) - Of(CoopLine, Peak, sizes[0]), 50);
    }

    private static async Task OnPostgres(int friends, bool compared, Options options, Results results)
    {
        Console.WriteLine($"Preparing {friends} friends …");
        var (database, peerDatabase) = ("messages", "messages_peer");
        await Seeds.Audience(database, friends);
        compared &= options.Wants(Peer);
        if (compared) await Seeds.PeerAudience(peerDatabase, friends);
        for (var round = 1; round <= options.Rounds; round++)
        {
            await Postgres.Settle();
            await using var server = await Server.CoopLine(database, options.Over(Sends.Settings));
            await using var peer = compared ? await Server.Peer(peerDatabase, "32", "one") : null;
            using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(10) };
            using var sends = new Sends(server, id => Times(database, id));
            // A B B A; the first of each warms it up.
            var turns = compared ? options.Turns : FewTurns;
            for (var turn = 0; turn <= turns; turn++)
            {
                if (peer is not null && turn % 2 == 1) await PeersTurn(turn);
                var (id, sent) = await sends.Send(Reached(friends));
                if (turn > 0) Add(results, CoopLine, friends, sent);
                Console.WriteLine($"{CoopLine}, {friends}: {sent}");
                if (peer is not null && turn % 2 == 0) await PeersTurn(turn);
                if (turn == 0) continue;
                await Postgres.Execute(database, "ANALYZE send_person; ANALYZE send_block"); // as autovacuum does within a minute
                results.Add(CoopLine, Name(friends), Preview, await sends.Time(HttpMethod.Post, id + "/preview"));
                results.Add(CoopLine, Name(friends), Effect, await sends.Time(HttpMethod.Get, id + "/results"));
            }

            async Task PeersTurn(int turn)
            {
                var before = FakeLine.Persons;
                Processes.ForgetPeak(peer.ProcessId);
                var (cpu, postgres) = (Processes.CpuSeconds(peer.ProcessId), Processes.CpuSeconds(Postgres.ProcessId));
                using var answer = await http.PostAsync(
                    new Uri($"http://127.0.0.1:{peer.Port}/messages/{round}-{turn}"), null);
                var sent = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
                var persons = sent.GetProperty("persons").GetInt64();
                if (persons != Reached(friends) || FakeLine.Persons - before != persons) throw new InvalidDataException($"{sent}");
                Console.WriteLine($"{Peer}, {friends}: {sent}");
                if (turn == 0) return;
                var (plan, send) = (sent.GetProperty("planSeconds").GetDouble(), sent.GetProperty("sendSeconds").GetDouble());
                var all = (Processes.CpuSeconds(peer.ProcessId) - cpu, Processes.CpuSeconds(Postgres.ProcessId) - postgres);
                Add(results, Peer, friends, new(persons, plan, send, default, all, Processes.PeakBytes(peer.ProcessId)));
            }
        }

        await Postgres.Drop(database);
        if (compared) await Postgres.Drop(peerDatabase);
    }

    /// <summary>In one process, with its file; while the plan is written, tills call.</summary>
    private static async Task Sqlite(int friends, Options options, Results results)
    {
        Console.WriteLine($"Preparing {friends} friends on SQLite …");
        var folder = Path.Combine(Place.Work, "messages");
        await Seeds.SqliteAudience(folder, friends, TillCalls);
        await using (var server = await Server.CoopLine(null, options.Over([.. Sends.Settings, ("CoopLine:DataDirectory", folder)])))
        {
            using var sends = new Sends(server, id => SqliteTimes(folder, id));
            var calls = TillRequests.Seeded(friends, TillCalls);
            for (var turn = 0; turn < FewTurns; turn++)
            {
                var (id, sent) = await sends.Send(Reached(friends), planned => Task.Run(() => Tills(planned)));
                Console.WriteLine($"{OnSqlite}, {friends}: {sent}");
                Add(results, OnSqlite, friends, sent);
                results.Add(OnSqlite, Name(friends), Preview, await sends.Time(HttpMethod.Post, id + "/preview"));
                results.Add(OnSqlite, Name(friends), Effect, await sends.Time(HttpMethod.Get, id + "/results"));
            }

            void Tills(Task planned)
            {
                var patient = new AnyAnswer(calls);
                using var load = new HttpLoad([server.Port], TillsPerSecond);
                double longest = 0;
                do longest = Math.Max(longest, load.Run(patient, TimeSpan.FromSeconds(1), TillsPerSecond).Milliseconds(1));
                while (!planned.IsCompleted);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"tills: {longest} ms at most, {patient.Refused} of {patient.Answered} not redeemed"));
                results.Add(OnSqlite, Name(friends), Wait, longest / 1000);
                results.Add(OnSqlite, Name(friends), NotRedeemed, patient.Refused);
            }
        }

        Directory.Delete(folder, recursive: true);
    }

    /// <summary>But those who blocked, and those who turned the topic off.</summary>
    private static long Reached(int friends) => friends * 98L / 100;

    private static void Add(Results results, string one, int friends, SendResult sent)
    {
        var at = Name(friends);
        results.Add(one, at, Plan, sent.PlanSeconds);
        results.Add(one, at, Speed, sent.Persons / sent.SendSeconds);
        results.Add(one, at, SpeedWithPlan, sent.Persons / (sent.PlanSeconds + sent.SendSeconds));
        results.Add(one, at, ServerCpu, sent.SendCpu.Server / sent.Persons * 1e6);
        if (one != OnSqlite) results.Add(one, at, PostgresCpu, sent.SendCpu.Postgres / sent.Persons * 1e6);
        if (one == CoopLine) results.Add(one, at, PlanCpu, sent.PlanCpu.Postgres / sent.Persons * 1e6);
        results.Add(one, at, Peak, sent.PeakBytes / 1024.0 / 1024);
    }

    private static async Task<(long, long, long)> Times(string database, string id)
    {
        var began = await Postgres.Ask<string>(database, $"SELECT at FROM ledger WHERE campaign = 'message/{id}' AND kind = 'messagePlanned'");
        var planned = await Postgres.Ask<string>(
            database,
            $"SELECT convert_from(PayloadBinary, 'UTF8')::json ->> 'sendingSince' FROM OrleansStorage WHERE GrainTypeString = 'message' AND GrainIdExtensionString = 'n-{id}'");
        var ended = await Postgres.Ask<long>(database, $"SELECT max(ended_at) FROM send_block WHERE campaign = '{id}'");
        return (Milliseconds(began), Milliseconds(planned), ended);
    }

    private static async Task<(long, long, long)> SqliteTimes(string folder, string id)
    {
        await using var connection = await Seeds.OpenSqlite(folder);
        return (
            Milliseconds((string)(await Ask($"SELECT at FROM ledger WHERE campaign = 'message/{id}' AND kind = 'messagePlanned'"))!),
            Milliseconds((string)(await Ask(
                $"SELECT CAST(PayloadBinary AS TEXT) ->> '$.sendingSince' FROM OrleansStorage WHERE GrainTypeString = 'message' AND GrainIdExtensionString = 'n-{id}'"))!),
            (long)(await Ask($"SELECT max(ended_at) FROM send_block WHERE campaign = '{id}'"))!);

        async Task<object?> Ask(string sql)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            return await command.ExecuteScalarAsync();
        }
    }

    private static long Milliseconds(string at) => DateTimeOffset.Parse(at, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();

    private static string Name(int size) => size.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Tills that take what they are told, and count.</summary>
    private sealed class AnyAnswer(Requests calls) : Requests
    {
        public long Answered { get; private set; }

        public long Refused { get; private set; }

        public override long Unused { get => calls.Unused; protected set => throw new NotSupportedException(); }

        public override bool IsEmpty => calls.IsEmpty;

        public override ReadOnlySpan<byte> Next() => calls.Next();

        public override bool IsRight(ReadOnlySpan<byte> response)
        {
            Answered++;
            if (!calls.IsRight(response)) Refused++;
            return true;
        }
    }
}
