using System.Net;

namespace CoopLine.Load;

/// <summary>What recording and exporting traces costs the till call.</summary>
internal static class TracingSection
{
    public const string Title = "Tracing";

    private const string Template = "seed_tracing";

    private static readonly Level Usual = new(64);

    public static async Task Run(Options options, Results results)
    {
        var seeds = options.Seeds ?? (options.Quick ? 150_000 : 800_000);
        Console.WriteLine($"Preparing {seeds} calls …");
        await Seeds.CoopLine(Template, seeds);
        using var sink = new Sink();

        // It records by itself none; whoever calls says which (its sampler follows W3C traceparent).
        var coopLine = TillSection.CoopLine(
            "coopline", new PostgresStore("coopline", Template), options,
            ("OTEL_EXPORTER_OTLP_ENDPOINT", sink.Address),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"));
        Side[] sides = [Side("off", 0, part: 0), Side("10 %", 10, part: 1), Side("100 %", 100, part: 2)];
        await new Turns(sides, options, results).Run(options.Levels(Usual), ("10 %", "off"), ("100 %", "off"));
        results.AtLeast("Tracing 10 %, 64 connections: times off", Times("10 %"), 0.95);
        results.AtLeast("Tracing 100 %, 64 connections: times off", Times("100 %"), 0.85);
        await Postgres.Drop(Template);

        Side Side(string name, int recorded, int part) => new(
            name, coopLine,
            new SeededCalls(seeds / 3 * part, seeds / 3 * (part + 1), (first, count) => TillRequests.Seeded(first, count, recorded)));

        double? Times(string name) => results.Median(Turns.Pair(name, "off"), $"{Usual}", Turns.Speed);
    }

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
