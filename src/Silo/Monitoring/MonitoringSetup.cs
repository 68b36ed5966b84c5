using System.ComponentModel.DataAnnotations;
using CoopLine.Grains;
using CoopLine.Silo.Monitoring.Invariants;
using CoopLine.Silo.Storage.Sending;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace CoopLine.Silo.Monitoring;

/// <summary>Section <c>CoopLine:Telemetry</c>. OpenTelemetry's own variables, <c>OTEL_EXPORTER_OTLP_…</c>, say where to send.</summary>
internal sealed class TelemetryOptions
{
    /// <summary>
    /// Share of the traces that are recorded, 0 to 1; default 1. All of them have ids, and one that a caller records (W3C
    /// <c>traceparent</c>) is recorded here, too.
    /// </summary>
    [Range(0.0, 1.0)]
    public double TraceRatio { get; init; } = 1;
}

/// <summary>
/// Every request and every grain call belongs to a trace; answers, ledger rows and log lines carry its id. Traces and metrics
/// go to an OTLP receiver if <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names one. Without a receiver and without an address for
/// operators, no metrics are kept.
/// </summary>
internal static class MonitoringSetup
{
    private const string Section = "CoopLine:Telemetry";

    private const int SeriesMax = 20_000;

    private static readonly string[] Sources =
    [
        "Microsoft.Orleans.Application", "Microsoft.Orleans.Storage",
        Grains.Telemetry.Name, Telemetry.Name,
    ];

    private static readonly string[] Meters =
    [
        "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.Orleans",
        "Npgsql", "System.Runtime", "System.Net.Http",
        Grains.Telemetry.Name, Webhook.Telemetry.Name, Telemetry.Name,
    ];

    extension(WebApplicationBuilder builder)
    {
        /// <param name="prometheus">True: <c>/metrics</c> can be reached.</param>
        public void AddMonitoring(bool prometheus)
        {
            builder.Services.AddOptions<TelemetryOptions>()
                .BindConfiguration(Section).ValidateDataAnnotations().ValidateOnStart();
            builder.Services.AddRecentSpans();
            builder.Services.AddSingleton<KeepingSpans>();
            // The machine's clock, also where the rules follow another one.
            builder.Services.AddHostedService(provider => ActivatorUtilities.CreateInstance<ClockWatch>(provider, TimeProvider.System));
            var ratio = builder.Configuration.GetValue($"{Section}:{nameof(TelemetryOptions.TraceRatio)}", 1.0);
            // The trace's id decides, so every process decides alike. What a caller does not record may be recorded here.
            var share = new TraceIdRatioBasedSampler(Math.Clamp(ratio, 0, 1));
            var telemetry = builder.Services.AddOpenTelemetry()
                .ConfigureResource(resource => resource.AddService("coopline"))
                .WithTracing(tracing => tracing
                    .SetSampler(new ParentBasedSampler(share, remoteParentNotSampled: share))
                    .AddAspNetCoreInstrumentation(web => web.Filter = http => !http.Request.Path.StartsWithSegments("/health"))
                    .AddSource(Sources)
                    .AddProcessor(new Scrubber())
                    .AddProcessor<KeepingSpans>());
            var otlp = builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 };
            // OpenTelemetry makes room for all series of an instrument at once: not where nobody reads them.
            if (prometheus || otlp) telemetry.WithMetrics(metrics => Keep(metrics, prometheus));
            if (otlp) telemetry.UseOtlpExporter();
        }
    }

    extension(WebApplication app)
    {
        /// <summary>From here on everything is counted, if anybody reads it.</summary>
        public void UseMonitoring()
        {
            app.Services.GetService<MeterProvider>();
            Grains.Telemetry.BeginAtZero();
            Webhook.Telemetry.BeginAtZero();
            Telemetry.Conflicts.Add(0);
            Telemetry.Looks.Add(0);
        }
    }

    private static void Keep(MeterProviderBuilder metrics, bool prometheus)
    {
        metrics
            .AddMeter(Meters)
            // A series for each store or campaign and outcome: more than the 2,000 that OpenTelemetry keeps by default.
            .AddView(instrument => instrument.Name is "coopline.redemptions" or "coopline.coupons"
                ? new MetricStreamConfiguration { CardinalityLimit = SeriesMax }
                : null);
        if (prometheus) metrics.AddPrometheusExporter();
    }

    extension(IServiceCollection services)
    {
        /// <summary>Of a process with grains: looks at what must never be.</summary>
        public void AddWatching()
        {
            services.AddSingleton<Watching>();
            services.AddHostedService(provider => provider.GetRequiredService<Watching>());
            services.AddHealthChecks().AddCheck<Watching>("invariants");
            services.AddHostedService<Backlog>();
            services.AddHostedService<GivenAway>();
            services.AddSingleton<SendBacklog>();
            services.AddHostedService<MessagesWaiting>();
        }
    }

    extension(ISiloBuilder silo)
    {
        public ISiloBuilder AddTracing() => silo.AddActivityPropagation().AddOutgoingGrainCallFilter<TraceIdsWhenNotRecorded>();
    }

    extension(IClientBuilder client)
    {
        public IClientBuilder AddTracing() => client.AddActivityPropagation().AddOutgoingGrainCallFilter<TraceIdsWhenNotRecorded>();
    }
}
