using System.Collections.Concurrent;
using System.Globalization;
using CoopLine.Tests.Fixtures;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace CoopLine.ClusterTests.Otlp;

/// <summary>An OTLP receiver on the wire, for gRPC and for HTTP/protobuf. It keeps every byte.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<byte[]> received = new();
    private readonly ConcurrentQueue<ReceivedSpan> spans = new();
    private readonly int grpc = Ports.Free();
    private readonly int http = Ports.Free();
    private WebApplication? app;

    private OtlpReceiver()
    {
    }

    /// <summary>Every body, as it came.</summary>
    public IReadOnlyCollection<byte[]> Bodies => received;

    public IReadOnlyCollection<ReceivedSpan> Spans => spans;

    public static async Task<OtlpReceiver> Start()
    {
        var receiver = new OtlpReceiver();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(receiver);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ListenLocalhost(receiver.grpc, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.ListenLocalhost(receiver.http, listen => listen.Protocols = HttpProtocols.Http1);
        });
        receiver.app = builder.Build();
        receiver.app.MapGrpcService<Traces>();
        receiver.app.MapGrpcService<Metrics>();
        receiver.app.MapPost("/v1/traces", async (HttpRequest request) =>
            receiver.Keep(ExportTraceServiceRequest.Parser.ParseFrom(await Body(request))));
        receiver.app.MapPost("/v1/metrics", async (HttpRequest request) => receiver.Keep(await Body(request)));
        await receiver.app.StartAsync();
        return receiver;
    }

    /// <summary>The settings of a process that sends here, soon.</summary>
    /// <param name="protocol"><c>grpc</c> or <c>http/protobuf</c>.</param>
    public Dictionary<string, string> SettingsFor(string protocol) => new()
    {
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol,
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://localhost:{(protocol == "grpc" ? grpc : http).ToString(CultureInfo.InvariantCulture)}",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
    };

    /// <summary>The spans of a trace, once each of these chains of callers is in it.</summary>
    /// <param name="paths">The ends of <see cref="ReceivedSpan.Path"/>.</param>
    /// <exception cref="TimeoutException">They did not come; the message has those that did.</exception>
    public async Task<IReadOnlyList<ReceivedSpan>> Trace(string traceId, params string[] paths)
    {
        ReceivedSpan[] trace = [];
        await Eventually.Holds(
            () => Missing(trace = Received()).Length == 0 && IsWhole(trace),
            () => $"trace {traceId} is whole; it lacks [{string.Join("; ", Missing(trace))}]:\n{ReceivedSpan.Tree(trace)}");
        return trace;

        ReceivedSpan[] Received() => [.. spans.Where(span => span.TraceId == traceId)];

        string[] Missing(ReceivedSpan[] trace) =>
            [.. paths.Where(path => !trace.Any(span => span.Path(trace).EndsWith(path, StringComparison.Ordinal)))];
    }

    /// <summary>Each process sends when it likes: a span may come before the one that called it. At the top is a request.</summary>
    private static bool IsWhole(ReceivedSpan[] trace)
    {
        var ids = trace.Select(span => span.Id).ToHashSet();
        return trace.All(span => ids.Contains(span.Parent) || span.Name.StartsWith("POST ", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        if (app is not null) await app.DisposeAsync();
    }

    private void Keep(byte[] body) => received.Enqueue(body);

    private void Keep(ExportTraceServiceRequest request)
    {
        Keep(request.ToByteArray()); // what it does not know is kept in it
        foreach (var resource in request.ResourceSpans)
        {
            var process = resource.Resource.Attributes.First(one => one.Key == "service.instance.id").Value.StringValue;
            foreach (var span in resource.ScopeSpans.SelectMany(scope => scope.Spans)) spans.Enqueue(new(process, span));
        }
    }

    private static async Task<byte[]> Body(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        return body.ToArray();
    }

    private sealed class Traces(OtlpReceiver receiver) : TraceService.TraceServiceBase
    {
        public override Task<ExportTraceServiceResponse> Export(ExportTraceServiceRequest request, ServerCallContext context)
        {
            receiver.Keep(request);
            return Task.FromResult(new ExportTraceServiceResponse());
        }
    }

    private sealed class Metrics(OtlpReceiver receiver) : MetricsService.MetricsServiceBase
    {
        public override Task<ExportMetricsServiceResponse> Export(ExportMetricsServiceRequest request, ServerCallContext context)
        {
            receiver.Keep(request.ToByteArray());
            return Task.FromResult(new ExportMetricsServiceResponse());
        }
    }
}
