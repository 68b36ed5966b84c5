using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace CoopLine.Load;

/// <summary>What all of this ran on.</summary>
internal static partial class Machine
{
    private const int PageBytes = 8192;

    /// <summary>Beside the database, what its every commit waits for at least: a page written over and fdatasync.</summary>
    /// <returns>Median and 99th percentile of a second.</returns>
    public static (double P50, double P99) FsyncMilliseconds()
    {
        var path = Path.Combine(Place.Work, "fsync");
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        var page = new byte[PageBytes];
        RandomAccess.Write(file, page, 0);
        RandomAccess.FlushToDisk(file);
        var took = new List<double>();
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(1))
        {
            var one = Stopwatch.GetTimestamp();
            RandomAccess.Write(file, page, 0);
            if (FlushData(file) != 0) throw new IOException(Marshal.GetLastPInvokeErrorMessage());
            took.Add(Stopwatch.GetElapsedTime(one).TotalMilliseconds);
        }

        File.Delete(path);
        took.Sort();
        return (took[took.Count / 2], took[took.Count * 99 / 100]);
    }

    /// <summary>
    /// What was done on all processors since they were started, and what other machines on the same host took. With the kernel's
    /// interrupts: nearly all are for what the load sends, and a process's own time has those that came while it ran.
    /// </summary>
    public static double CpuSeconds()
    {
        // cpu user nice system idle iowait irq softirq steal …
        var ticks = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new[] { ticks[1], ticks[2], ticks[3], ticks[6], ticks[7], ticks[8] }.Sum(one => long.Parse(one, CultureInfo.InvariantCulture))
            / Processes.TicksPerSecond;
    }

    public static async Task Describe(Results results)
    {
        var (p50, p99) = FsyncMilliseconds();
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
                ["disk", $"a page of 8 KB written over and fdatasync, at the start of the run: p50 {Results.Format(p50)} ms, p99 {Results.Format(p99)} ms"],
                ["system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}"],
                ["PostgreSQL", await Postgres.Ask<string>("postgres", "SHOW server_version")
                    + ", fsync and synchronous_commit on, shared_buffers 1GB, TCP on 127.0.0.1"],
                .. await Node(),
            ]);
    }

    /// <summary>If it is here.</summary>
    private static async Task<object?[][]> Node() => Directory.Exists(Server.NodePeer)
        ? [["Node.js", (await Processes.Run("node", ["--version"])).Trim() + ", " + string.Join(
                    ", ", Packages("@line/bot-sdk", "express", "pg"))]]
        : [];

    private static IEnumerable<string> Packages(params string[] names)
    {
        foreach (var name in names)
        {
            var file = Path.Combine(Server.NodePeer, "node_modules", name, "package.json");
            using var json = JsonDocument.Parse(File.ReadAllBytes(file));
            yield return $"{name} {json.RootElement.GetProperty("version")}";
        }
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FlushData(SafeFileHandle file);
}
