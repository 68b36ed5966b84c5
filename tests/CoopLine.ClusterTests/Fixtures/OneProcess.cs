using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;
using Microsoft.Data.Sqlite;

namespace CoopLine.ClusterTests.Fixtures;

/// <summary>The program as it is by default, one process with a SQLite file, and a LINE platform. Real time.</summary>
internal sealed class OneProcess : IAsyncDisposable
{
    private readonly string data = Directory.CreateTempSubdirectory("coopline-process-").FullName;

    public LineSimulator Line { get; private set; } = null!;

    public SiloProcess Silo { get; private set; } = null!;

    /// <param name="prepare">With its file, before it is started again.</param>
    /// <param name="also">Settings, with <c>:</c>.</param>
    public static async Task<OneProcess> Start(Func<SqliteConnection, Task> prepare, IReadOnlyDictionary<string, string> also)
    {
        var one = new OneProcess();
        try
        {
            one.Line = await LineSimulator.Start(new(), TimeProvider.System);
            var settings = SiloSettings.Of(one.Line, Ports.Http(Ports.Free()), one.data);
            foreach (var (name, value) in also) settings[name] = value;
            one.Silo = new("the process", settings.ToDictionary(set => set.Key.Replace(":", "__", StringComparison.Ordinal), set => set.Value));
            // It makes its file and its tables by itself.
            one.Silo.Start();
            await one.Silo.UntilReady();
            await one.Silo.Terminate();
            await using (var file = new SqliteConnection(
                new SqliteConnectionStringBuilder { DataSource = Path.Combine(one.data, "coopline.db"), Pooling = false }.ToString()))
            {
                await file.OpenAsync();
                await prepare(file);
            }

            one.Silo.Start();
            await one.Silo.UntilReady();
            return one;
        }
        catch
        {
            await one.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Silo is not null) await Silo.DisposeAsync();
        if (Line is not null) await Line.DisposeAsync();
        Directory.Delete(data, recursive: true);
    }
}
