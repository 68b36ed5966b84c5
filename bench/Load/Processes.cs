using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace CoopLine.Load;

/// <summary>Processes, and what they cost.</summary>
internal static partial class Processes
{
    private const int Terminate = 15; // SIGTERM

    /// <summary>USER_HZ, which is the same on every Linux.</summary>
    public const double TicksPerSecond = 100;

    /// <summary>Runs to the end.</summary>
    /// <returns>What it wrote to standard output.</returns>
    /// <exception cref="InvalidOperationException">It ended with another code than 0.</exception>
    public static async Task<string> Run(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        using var process = Start(program, arguments, environment);
        process.StandardInput.Close();
        var problem = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} ended with {process.ExitCode}:\n{await problem}\n{output}");
    }

    public static Process Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
    }

    public static async Task Stop(Process process)
    {
        if (!process.HasExited) _ = Kill(process.Id, Terminate);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>CPU seconds of the process so far, and of its children.</summary>
    public static double CpuSeconds(int process)
    {
        var all = OwnCpuSeconds(process, withReaped: true);
        foreach (var child in Children(process)) all += OwnCpuSeconds(child);
        return all;
    }

    public static long ResidentBytes(int process) => Status(process, "VmRSS:");

    /// <summary>The most that were resident since <see cref="ForgetPeak"/>.</summary>
    public static long PeakBytes(int process) => Status(process, "VmHWM:");

    public static void ForgetPeak(int process) => File.WriteAllText($"/proc/{process}/clear_refs", "5");

    private static long Status(int process, string name) =>
        long.Parse(
            File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith(name, StringComparison.Ordinal))
                .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture) * 1024;

    private static IEnumerable<int> Children(int process) =>
        Directory.EnumerateDirectories($"/proc/{process}/task")
            .SelectMany(ChildrenOf)
            .Select(child => int.Parse(child, CultureInfo.InvariantCulture));

    private static string[] ChildrenOf(string thread)
    {
        try
        {
            return File.ReadAllText(thread + "/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (IOException)
        {
            return []; // The thread has ended.
        }
    }

    /// <param name="withReaped">And of children that have ended.</param>
    public static double OwnCpuSeconds(int process, bool withReaped = false)
    {
        string stat;
        try
        {
            stat = File.ReadAllText($"/proc/{process}/stat");
        }
        catch (IOException)
        {
            return 0; // It has ended: its parent counts it.
        }

        // Behind the name, which may contain anything: field 14 of the manual is the twelfth here.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var ticks = fields[11..(withReaped ? 15 : 13)].Sum(field => long.Parse(field, CultureInfo.InvariantCulture));
        return ticks / TicksPerSecond;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
