using System.Net;
using CoopLine.Silo.Hosting;
using CoopLine.Tests.Fixtures;
using OpenTelemetry.Metrics;

namespace CoopLine.Tests.Monitoring;

/// <summary>Metrics take memory from the start on, and are kept where something can read them.</summary>
public sealed class Keeping_metrics(RunningSystem coop) : IClassFixture<RunningSystem>
{
    [Theory]
    [InlineData(null, null, false)]
    [InlineData("CoopLine:Ops:Url", "http://127.0.0.1:5090", true)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9", true)]
    public async Task They_are_kept_where_an_address_for_operators_or_a_receiver_is_set(string? setting, string? value, bool kept)
    {
        var settings = new Dictionary<string, string?>(coop.Settings("metrics"));
        if (setting is not null) settings[setting] = value;

        await using var service = CoopLineApp.Create([], builder => builder.Configuration.AddInMemoryCollection(settings));

        Assert.Equal(kept, service.Services.GetService<MeterProvider>() is not null);
    }

    [Fact]
    public async Task Prometheus_reads_them_at_the_address_for_operators_only()
    {
        var operators = Ports.Http(Ports.Free());
        var settings = new Dictionary<string, string?>(coop.Settings("metrics")) { ["CoopLine:Ops:Url"] = operators.ToString() };
        await using var host = await Fixtures.Host.Start(settings, coop.Clock);

        Assert.Contains("coopline_edge_conflicts_total", await coop.Http.GetStringAsync(new Uri(operators, "/metrics")), StringComparison.Ordinal);
        foreach (var address in new[] { host.Address, coop.Host.Address })
        {
            using var none = await coop.Http.GetAsync(new Uri(address, "/metrics"));
            Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        }
    }
}
