using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using CoopLine.ClusterTests.Fixtures;
using CoopLine.ClusterTests.Load;
using CoopLine.Tests.Fixtures;

namespace CoopLine.ClusterTests;

/// <summary>PgBouncer in transaction mode between processes and database, set as <c>docs/operations-postgresql.md</c> says.</summary>
public sealed partial class Through_PgBouncer(ClusterDatabase database)
{
    private const int Members = 14;

    /// <summary>As many codes as one member can have at once.</summary>
    private const int Coupons = 3;

    [Fact]
    public async Task Members_link_and_tills_redeem_at_once_as_without_it()
    {
        Assert.SkipWhen(!PgBouncer.IsInstalled && !Ci.IsHere, "PgBouncer is not installed.");
        var documented = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "deployed", "operations-postgresql.md"));
        await using var cluster = await RunningCluster.Start(
            database, size: 0, prepare: owner => PostgresServer.Execute(owner, Documented(documented, "sql", "PgBouncer")));
        var server = database.Server.Connect(cluster.Database);
        await using var pool = await PgBouncer.Start(server.Host!, server.Port, cluster.Database);
        for (var i = 0; i < 2; i++)
        {
            cluster.Add(RunningCluster.OneCluster, new Dictionary<string, string>
            {
                ["ConnectionStrings:CoopLine"] =
                    $"Host=127.0.0.1;Port={pool.Port};Database={cluster.Database};Username=coopline;{Keywords().Match(documented).Value}",
            }).Start();
        }

        foreach (var silo in cluster.Silos) await silo.UntilReady();
        using var desk = new Desk(cluster);
        var campaigns = await desk.Publish(Coupons);
        RegisteredMember[] members = [.. Enumerable.Range(0, Members).Select(_ => Some.Member())];
        foreach (var member in members) await desk.Register(member);
        var phones = await Task.WhenAll(members.Select(async member =>
        {
            var phone = cluster.Line.Phone();
            await desk.Confirm(phone, (await desk.FillInForm(phone, member))!);
            return phone;
        }));

        var outcomes = await Task.WhenAll(phones.SelectMany(_ => campaigns, (phone, campaign) => (phone, campaign)).Select(async (one, i) =>
        {
            var code = await desk.ShowCode(one.phone, one.campaign);
            using var till = desk.Client(RunningCluster.TillKey, at: i % 2);
            var sale = Counter.NewBasket(code, "", "", one.campaign).Sale;
            var first = await Redeem(till, sale);
            return (first, await Redeem(till, sale));
        }));

        Assert.All(outcomes, outcome => Assert.Equal(("redeemed", "redeemed"), outcome));
    }

    private static async Task<string?> Redeem(HttpClient till, Sale sale)
    {
        using var answer = await till.PostAsJsonAsync("/pos/v1/redemptions", sale);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("outcome").GetString();
    }

    /// <summary>The first block of this language below the heading.</summary>
    private static string Documented(string text, string language, string heading)
    {
        var section = text[text.IndexOf($"## {heading}", StringComparison.Ordinal)..];
        return section.Split($"```{language}\n")[1].Split("```")[0];
    }

    [GeneratedRegex("(?<=`)Max Auto Prepare=0;Options=(?=`)")]
    private static partial Regex Keywords();
}
