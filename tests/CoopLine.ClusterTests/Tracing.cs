using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Web;
using CoopLine.ClusterTests.Fixtures;
using CoopLine.ClusterTests.Load;
using CoopLine.ClusterTests.Otlp;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.ClusterTests;

/// <summary>What operators see of a link and of a scan that went through two silos; and that they see nobody's data.</summary>
public sealed class Tracing(ClusterDatabase database) : IAsyncLifetime
{
    private const int TriesMax = 16;

    private readonly List<string> secrets = [];
    private OtlpReceiver receiver = null!;
    private RunningCluster cluster = null!;
    private Desk desk = null!;
    private SimulatedPhone phone = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        receiver = await OtlpReceiver.Start();
        cluster = await RunningCluster.Start(database, size: 0);
        desk = new(cluster);
    }

    public async ValueTask DisposeAsync()
    {
        desk?.Dispose();
        if (cluster is not null) await cluster.DisposeAsync();
        if (receiver is not null) await receiver.DisposeAsync();
    }

    [Theory]
    [InlineData("grpc")]
    [InlineData("http/protobuf")]
    public async Task A_link_and_a_scan_are_a_trace_each_through_two_silos_and_name_nobody(string protocol)
    {
        await StartSilos(receiver.SettingsFor(protocol));
        // What begins at one silo goes on at the other; where a grain lives is Orleans' choice.
        var link = await UntilThroughBothSilos(async () =>
        {
            var trace = await TraceOf($"member={await Link()}");
            return await receiver.Trace(
                trace!,
                "POST /line/webhook > ILineAccountGrain/Accept > ILineAccountGrain/Accept > write storage > storage.commit",
                "ILineAccountGrain/Accept > link.finish > ILinkSessionGrain/Consume > ILinkSessionGrain/Consume > write storage",
                "ILineAccountGrain/Accept > link.finish > IMemberGrain/Link > IMemberGrain/Link > write storage > storage.commit",
                "link.finish > outbox.message > ILineSenderGrain/Send > ILineSenderGrain/Send > line push",
                "link.finish > outbox.menu > ILineSenderGrain/ShowMenu > ILineSenderGrain/ShowMenu > line link rich menu");
        });
        Assert.Contains(link, span => span["coopline.link.outcome"] == "Linked");
        Assert.All(link.Where(span => span.Name is "outbox.message" or "outbox.menu"), span => Assert.NotEmpty(span.Links));

        var campaigns = new Queue<string>(await desk.Publish(TriesMax));
        await UntilThroughBothSilos(async () =>
        {
            var campaign = campaigns.Dequeue();
            var (trace, parent) = (RandomNumberGenerator.GetHexString(32, lowercase: true), RandomNumberGenerator.GetHexString(16, lowercase: true));
            var (basket, told) = await Scan(campaign, $"00-{trace}-{parent}-01");
            Assert.Equal((trace, trace), (told, await TraceOf($"receipt={basket.Sale.Path}")));
            var scan = await receiver.Trace(
                trace,
                "POST /pos/v1/redemptions > receipt.redeem > ICouponGrain/Use > ICouponGrain/Use > storage.commit");
            Assert.Equal(parent, scan.Single(span => span.Name == "POST /pos/v1/redemptions").Parent);
            var decided = scan.Single(span => span.Name == "receipt.redeem");
            Assert.Equal(
                (RunningCluster.Store, "05", basket.Sale.Path, "Redeemed", "false"),
                (decided["coopline.store"], decided["coopline.register"], decided["coopline.receipt"],
                    decided["coopline.redemption.outcome"], decided["coopline.redemption.replayed"]));
            Assert.Contains(scan, span => span["coopline.campaign.id"] == campaign && span["coopline.coupon.outcome"] == "Used");
            return scan;
        });

        Assert.NotEmpty(receiver.Bodies);
        foreach (var secret in secrets)
        {
            var bytes = Encoding.UTF8.GetBytes(secret);
            Assert.DoesNotContain(receiver.Bodies, body => body.AsSpan().IndexOf(bytes) >= 0);
            Assert.DoesNotContain(cluster.Silos.SelectMany(silo => silo.Log), line => line.Contains(secret, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task What_is_not_recorded_has_a_trace_id_all_the_same()
    {
        await StartSilos(new(receiver.SettingsFor("grpc")) { ["CoopLine:Telemetry:TraceRatio"] = "0" });
        await Link();
        foreach (var campaign in await desk.Publish(8))
        {
            var (basket, told) = await Scan(campaign, traceParent: null);
            Assert.Equal(told, await TraceOf($"receipt={basket.Sale.Path}"));
        }

        Assert.Empty(receiver.Spans);
    }

    private static async Task<IReadOnlyList<ReceivedSpan>> UntilThroughBothSilos(Func<Task<IReadOnlyList<ReceivedSpan>>> again)
    {
        for (var i = 0; i < TriesMax; i++)
            if (await again() is var trace && trace.Select(span => span.Process).Distinct().Count() == 2) return trace;
        throw new InvalidOperationException("Nothing went through both silos.");
    }

    private async Task StartSilos(Dictionary<string, string> settings)
    {
        for (var i = 0; i < 2; i++) cluster.Add(RunningCluster.OneCluster, settings).Start();
        foreach (var silo in cluster.Silos) await silo.UntilReady(Cancellation);
    }

    /// <summary>The whole way of a new member, whose number it returns.</summary>
    private async Task<string> Link()
    {
        var member = Some.Member();
        cluster.Line.CoopLineUrl = cluster.Silos[0].Address;
        await desk.Register(member);
        phone = cluster.Line.Phone();
        var dialog = await desk.FillInForm(phone, member);
        cluster.Line.CoopLineUrl = cluster.Silos[1].Address;
        await desk.Confirm(phone, dialog!);
        secrets.AddRange(
            [member.Number, member.Phone, member.BirthDate, phone.UserId, phone.LastLinkUri!.Segments[^1], HttpUtility.ParseQueryString(dialog!.Query)["nonce"]!]);
        return member.Number;
    }

    /// <summary>A till redeems a code; also what it was told of the trace.</summary>
    private async Task<(Basket Basket, string? TraceId)> Scan(string campaign, string? traceParent)
    {
        var code = await desk.ShowCode(phone, campaign);
        secrets.Add(code);
        // The phone shows it, so that the coupon lives where the page is.
        using var coupons = desk.Client(phone.IdToken());
        using var showing = await coupons.GetAsync($"/coupons/codes/{code}/events", HttpCompletionOption.ResponseHeadersRead, Cancellation);
        await using (var events = await showing.Content.ReadAsStreamAsync(Cancellation)) await events.ReadExactlyAsync(new byte[1], Cancellation);
        var basket = Counter.NewBasket(code, "", "", campaign);
        using var till = desk.Client(RunningCluster.TillKey, at: 1);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/pos/v1/redemptions") { Content = JsonContent.Create(basket.Sale) };
        if (traceParent is not null) request.Headers.Add("traceparent", traceParent);
        using var answered = await till.SendAsync(request, Cancellation);
        var answer = await answered.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal("redeemed", answer.GetProperty("outcome").GetString());
        return (basket, answer.GetProperty("traceId").GetString());
    }

    private async Task<string?> TraceOf(string query)
    {
        using var staff = desk.Client(RunningCluster.StaffKey);
        var ledger = await staff.GetFromJsonAsync<JsonElement>($"/staff/v1/ledger?{query}", Cancellation);
        var row = ledger.GetProperty("rows")[0];
        return row.TryGetProperty("traceId", out var trace) ? trace.GetString() : null;
    }
}
