using System.Globalization;
using System.Runtime.InteropServices;

namespace CoopLine.Load;

/// <summary>What all of this ran on.</summary>
internal static class Machine
{
    private static double? fsync;

    /// <summary>One fdatasync after a write of 8 KB, as PostgreSQL's own pg_test_fsync measures it beside the database.</summary>
    public static async Task<double> FsyncMilliseconds()
    {
        if (fsync is { } known) return known;
        var file = Path.Combine(Place.Work, "fsync");
        var said = await Processes.Run(Postgres.Program("pg_test_fsync"), ["-s", "2", "-f", file]);
        var line = said.Split('\n').First(line => line.TrimStart().StartsWith("fdatasync", StringComparison.Ordinal));
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        fsync = double.Parse(words[^2], CultureInfo.InvariantCulture) / 1000; // "… 2345.6 usecs/op"
        return fsync.Value;
    }

    public static async Task Describe(Results results)
    {
        var processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        var memory = File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        results.Table(
            ["", ""],
            [
                ["date", TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)],
                ["command", $"`{Place.Of("BENCH_COMMAND").Trim()}`"],
                ["commit", (await Processes.Run("git", ["-C", Place.Repository, "describe", "--always", "--dirty"])).Trim()],
                ["processors", $"{Environment.ProcessorCount} × {processor?.Split(':')[1].Trim()}, shared by server, PostgreSQL and load"],
                ["memory", $"{Results.Format(double.Parse(memory, CultureInfo.InvariantCulture) / 1024 / 1024)} GB"],
                ["disk", $"one fdatasync (pg_test_fsync): {Results.Format(await FsyncMilliseconds())} ms"],
                ["system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}"],
                ["PostgreSQL", await Postgres.Ask<string>("postgres", "SHOW server_version")
                    + ", fsync and synchronous_commit on, shared_buffers 1GB, TCP on 127.0.0.1"],
                ["Node.js", (await Processes.Run("node", ["--version"])).Trim() + ", " + string.Join(
                    ", ", Packages("@line/bot-sdk", "express", "pg"))],
            ]);
    }

    private static IEnumerable<string> Packages(params string[] names)
    {
        foreach (var name in names)
        {
            var file = Path.Combine(Server.NodePeer, "node_modules", name, "package.json");
            using var json = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(file));
            yield return $"{name} {json.RootElement.GetProperty("version")}";
        }
    }
}
