using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using CoopLine.Tests.Fixtures;
using Host = CoopLine.Tests.Fixtures.Host;

namespace CoopLine.Tests.Hosting;

/// <summary>One process with grains only, one with everything else.</summary>
public sealed class Roles : IAsyncLifetime
{
    private RunningSystem coop = null!;
    private Host? silo;
    private Host? web;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        TestDatabase.SkipOnSqlite("roles need PostgreSQL");
        coop = new();
        await coop.InitializeAsync();
        // A process without silos waits for one.
        var waiting = Start("web");
        silo = await Start("silo", ("CoopLine:Cluster:GatewayPort", Host.FreePort().ToString(CultureInfo.InvariantCulture)));
        web = await waiting;
    }

    public async ValueTask DisposeAsync()
    {
        if (web is not null) await web.DisposeAsync();
        if (silo is not null) await silo.DisposeAsync();
        if (coop is not null) await coop.DisposeAsync();
    }

    [Fact]
    public async Task A_coupon_is_shown_and_redeemed_and_voided_through_a_process_that_hosts_no_grains()
    {
        var (phone, member) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        using var page = coop.Member(phone, web);
        using var till = coop.Till(host: web);
        using var staff = coop.Staff(web);

        using var issued = await page.PostAsJsonAsync("/coupons/codes", new { campaigns = new[] { tofu } }, Cancellation);
        var code = (await issued.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("code").GetString()!;
        var sale = coop.Sale(code);
        var first = await coop.Redeem(sale, at: till);
        var again = await coop.Redeem(sale, at: till);
        using var voided = await till.PostAsync($"/pos/v1/receipts/{sale.Key}/void", null, Cancellation);
        using var unlinked = await staff.PostAsJsonAsync(
            $"/staff/v1/members/{member.Number}/unlink", new { reason = "機種変更", identityCheck = "組合員証" }, Cancellation);
        using var file = new StringContent("member_number,phones,birth_date,status,businesses,home_store,replaced_by\n"
            + Some.Member().Csv, MediaTypeHeaderValue.Parse("text/csv"));
        using var imported = await staff.PostAsync("/staff/v1/registry/imports?mode=delta", file, Cancellation);

        Assert.Equal([$"{tofu} on 1: 30"], first.Discounts);
        Assert.True(again.Replayed);
        Assert.Equal(HttpStatusCode.OK, voided.StatusCode);
        Assert.Equal(HttpStatusCode.OK, unlinked.StatusCode);
        Assert.Equal(HttpStatusCode.OK, imported.StatusCode);
        Assert.Equal([$"used {tofu} 30", $"voided {tofu} 30 given back"], await coop.LedgerOf(sale));
        Assert.Null(web!.Services.GetService<ILocalSiloDetails>());
    }

    [Fact]
    public async Task A_silo_answers_health_checks_and_nothing_else()
    {
        using var till = coop.Till(host: silo);
        using var toWeb = coop.Till(host: web);

        foreach (var path in new[] { "/health/live", "/health/ready" })
        {
            using var answer = await till.GetAsync(path, Cancellation);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        foreach (var path in new[] { "/pos/v1/receipts/2026-11-22/0123/05/1", "/coupons", "/openapi/v1.json", "/scalar", "/link/x" })
        {
            using var none = await till.GetAsync(path, Cancellation);
            Assert.Equal((HttpStatusCode.NotFound, 0L), (none.StatusCode, none.Content.Headers.ContentLength));
        }

        using var some = await toWeb.GetAsync("/openapi/v1.json", Cancellation);
        Assert.Equal(HttpStatusCode.OK, some.StatusCode);
    }

    private Task<Host> Start(string role, params (string Name, string Value)[] also)
    {
        var settings = new Dictionary<string, string?>(coop.Settings("parts")) { ["CoopLine:Role"] = role };
        foreach (var (name, value) in also) settings[name] = value;
        return Host.Start(settings, coop.Clock);
    }
}
