using System.Collections.Concurrent;
using System.Diagnostics;

namespace CoopLine.ClusterTests.Fixtures;

/// <summary>Starts programs that end with this process, however it ends.</summary>
internal static class ChildProcess
{
    private static readonly BlockingCollection<Task> Starts = [];

    /// <summary>
    /// The system ends each process with the thread that started it (setpriv asks for that): so that thread is one that lives
    /// as long as we do.
    /// </summary>
    static ChildProcess() => new Thread(() =>
    {
        foreach (var start in Starts.GetConsumingEnumerable()) start.RunSynchronously();
    })
    { IsBackground = true }.Start();

    /// <summary>The program with these arguments; set what else there is to say before it is given to <see cref="Start"/>.</summary>
    public static ProcessStartInfo Of(string program, params string[] args) =>
        new("setpriv", ["--pdeathsig", "KILL", "--", program, .. args]);

    public static Process Start(ProcessStartInfo what)
    {
        var starting = new Task<Process?>(() => Process.Start(what));
        Starts.Add(starting);
        return starting.GetAwaiter().GetResult() ?? throw new InvalidOperationException($"{what.FileName} did not start.");
    }
}
