using System.Net;

namespace CoopLine.Load;

/// <summary>What recording and exporting traces costs the till call.</summary>
internal static class TracingSection
{
    public const string Title = "Tracing";

    private const string Template = "seed_tracing";
    private const int Connections = 64;
    private const int Turns = 15;

    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(2);

    public static async Task Run(Options options, Results results)
    {
        var seeds = options.Seeds ?? (options.Quick ? 150_000 : 800_000);
        Console.WriteLine($"Preparing {seeds} calls …");
        await Seeds.CoopLine(Template, seeds);
        using var sink = new Sink();

        // It records by itself none; whoever calls says which (its sampler follows W3C traceparent).
        var coopLine = TillSection.CoopLine(
            "coopline", new PostgresStore(Template), seeds, options,
            ("CoopLine:Telemetry:TraceRatio", "0"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", sink.Address),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"));
        var connections = options.Connections?[0] ?? Connections;
        await Rounds.InTurns(
            coopLine, [("off", Calls(0)), ("10 %", Calls(10)), ("100 %", Calls(100))], connections, options.Quick ? 2 : Turns, Turn, options, results);
        results.AtLeast($"Tracing 10 %, {connections} connections: times off", Times("10 %"), 0.95);
        results.AtLeast($"Tracing 100 %, {connections} connections: times off", Times("100 %"), 0.85);
        await Postgres.Drop(Template);

        double? Times(string name) => results.Median(name, $"{connections}", Rounds.TimesFirst);
    }

    private static Func<long, long, Requests> Calls(int recorded) => (first, count) => new TillRequests(first, count, recorded);

    /// <summary>Takes everything and keeps nothing.</summary>
    private sealed class Sink : IDisposable
    {
        private readonly HttpListener listener = new();

        public Sink()
        {
            listener.Prefixes.Add(Address + "/");
            listener.Start();
            _ = Swallow();
        }

        public string Address { get; } = $"http://127.0.0.1:{Random.Shared.Next(30_000, 40_000)}";

        public void Dispose() => listener.Close();

        private async Task Swallow()
        {
            while (listener.IsListening)
            {
                try
                {
                    var call = await listener.GetContextAsync();
                    await call.Request.InputStream.CopyToAsync(Stream.Null);
                    call.Response.Close();
                }
                catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
                {
                    // Closed, by us or by a server that was stopped.
                }
            }
        }
    }
}
