using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using CoopLine.Grains.Storage;
using CoopLine.Silo.Storage.Batching;
using CoopLine.Tests.Fixtures;
using CoopLine.Webhook.Edge;
using Npgsql;
using Orleans.Serialization;
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
        silo = await Start("silo", ("CoopLine:Cluster:GatewayPort", Ports.Free().ToString(CultureInfo.InvariantCulture)));
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
    public async Task A_page_served_by_a_process_that_hosts_no_grains_learns_what_the_till_did()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        using var page = coop.Member(phone, web);
        using var till = coop.Till(host: web);
        using var issued = await page.PostAsJsonAsync("/coupons/codes", new { campaigns = new[] { tofu } }, Cancellation);
        var code = (await issued.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("code").GetString()!;
        await using var follower = await FollowedCode.Open(coop, phone, code, web);
        await follower.NextState();
        var sale = coop.Sale(code);

        await coop.Redeem(sale, at: till);
        var used = await follower.NextState();
        using var voided = await till.PostAsync($"/pos/v1/receipts/{sale.Key}/void", null, Cancellation);

        Assert.Equal([$"{tofu} on 1: 30"], used.Discounts);
        Assert.Empty((await follower.NextState()).Discounts);
    }

    [Fact]
    public async Task A_fault_of_the_database_in_another_process_is_503_and_the_same_call_is_right_afterwards()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var sale = coop.Sale(await coop.ShowCode(phone, tofu));
        using var till = coop.Till(host: web);

        coop.Execute("ALTER TABLE OrleansStorage RENAME TO away");
        using var failed = await till.PostAsJsonAsync("/pos/v1/redemptions", sale, Cancellation);
        using var looked = await till.GetAsync($"/pos/v1/receipts/{sale.Key}", Cancellation);
        coop.Execute("ALTER TABLE away RENAME TO OrleansStorage");

        foreach (var answer in new[] { failed, looked })
        {
            await answer.AssertProblem(HttpStatusCode.ServiceUnavailable);
            Assert.NotNull(answer.Headers.RetryAfter);
        }

        Assert.Equal([$"{tofu} on 1: 30"], (await coop.Redeem(sale, at: till)).Discounts);
    }

    [Fact]
    public void What_goes_wrong_in_one_process_is_known_in_the_other()
    {
        Exception[] thrown =
        [
            new NpgsqlException("away", new IOException("cut")), new PostgresException("no table", "ERROR", "ERROR", "42P01"),
            new StorageOverloadedException(), new OrleansException("write", new NpgsqlException("away")),
            new OrleansException("write", new PostgresException(StorageRefusal.ReceiptHasAnotherRequest, "ERROR", "ERROR", "P0001")),
        ];
        var sender = silo!.Services.GetRequiredService<Serializer>();
        var receiver = web!.Services.GetRequiredService<Serializer>();

        foreach (var one in thrown)
        {
            var arrived = receiver.Deserialize<Exception>(sender.SerializeToArray(one))!;

            Assert.Equal((one.GetType(), one.Message), (arrived.GetType(), arrived.Message));
            Assert.Equal(one.InnerException?.GetType(), arrived.InnerException?.GetType());
            Assert.True(FaultHandler.IsUnavailable(arrived));
            Assert.Equal(StorageRefusal.IsReceiptOfAnotherRequest(one), StorageRefusal.IsReceiptOfAnotherRequest(arrived));
        }
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
