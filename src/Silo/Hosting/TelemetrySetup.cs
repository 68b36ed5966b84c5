using OpenTelemetry.Resources;

namespace CoopLine.Silo.Hosting;

/// <summary>Every request and every grain call belongs to a trace; answers and ledger rows carry its id.</summary>
internal static class TelemetrySetup
{
    extension(WebApplicationBuilder builder)
    {
        public void AddTelemetry() => builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("coopline"))
            .WithTracing(tracing => tracing.AddSource(
                "Microsoft.AspNetCore", "Microsoft.Orleans.Application", Grains.Telemetry.Name))
            .WithMetrics(metrics => metrics.AddMeter("Microsoft.Orleans", Grains.Telemetry.Name, Webhook.Telemetry.Name));
    }
}
