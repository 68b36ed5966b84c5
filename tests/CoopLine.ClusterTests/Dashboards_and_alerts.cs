using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using CoopLine.ClusterTests.Fixtures;
using CoopLine.ClusterTests.Load;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.ClusterTests;

/// <summary>
/// The alerts and dashboards in deploy/ ask for what the service really tells: each of their expressions finds data in a real
/// Prometheus that looks at a real process to which everything happened.
/// </summary>
public sealed partial class Dashboards_and_alerts(ClusterDatabase database) : IAsyncLifetime
{
    private static readonly string Files = Path.Combine(AppContext.BaseDirectory, "deployed");
    private const string ApproverKey = "test-approver-key";
    private static readonly string Alerts = Path.Combine(Files, "prometheus", "alerts.yml");

    private RunningCluster cluster = null!;
    private Desk desk = null!;

    public ValueTask InitializeAsync()
    {
        if (!PrometheusServer.IsInstalled) Ci.CannotLack("Prometheus");
        Assert.SkipUnless(PrometheusServer.IsInstalled, "There is no Prometheus on this machine.");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        desk?.Dispose();
        if (cluster is not null) await cluster.DisposeAsync();
    }

    [Fact]
    public async Task Each_alert_fires_when_it_should_and_not_when_it_should_not()
    {
        await PrometheusServer.Check("check", "rules", Alerts);
        await PrometheusServer.Check("test", "rules", Path.Combine(Files, "prometheus", "alerts.test.yml"));
        await PrometheusServer.Check("check", "config", Path.Combine(Files, "prometheus", "prometheus.yml"));
    }

    [Fact]
    public async Task Each_alert_has_a_test_and_a_section_in_the_runbook_that_it_leads_to()
    {
        var rules = await File.ReadAllTextAsync(Alerts);
        var tests = await File.ReadAllTextAsync(Path.Combine(Files, "prometheus", "alerts.test.yml"));
        var runbook = await File.ReadAllLinesAsync(Path.Combine(Files, "runbook.md"));
        // As GitHub makes anchors of headings.
        var anchors = runbook.Where(line => line.StartsWith("## ", StringComparison.Ordinal))
            .Select(line => line[3..].Trim().ToLowerInvariant().Replace(' ', '-')).ToHashSet();
        var alerts = AlertNames().Matches(rules).Select(found => found.Groups["name"].Value).ToArray();
        var links = RunbookLinks().Matches(rules).Select(found => found.Groups["anchor"].Value).ToArray();

        Assert.NotEmpty(alerts);
        Assert.Equal(alerts.Select(name => name.ToLowerInvariant()), links);
        Assert.All(links, link => Assert.Contains(link, anchors));
        Assert.All(alerts, name =>
        {
            Assert.Contains($"{{alertname=\"{name}\"}}', value: 1", tests, StringComparison.Ordinal);
            Assert.Equal(2, Regex.Count(tests, $"alertname=\"{name}\", alertstate"));
        });
    }

    [Fact]
    public async Task Every_expression_of_dashboards_and_alerts_finds_data()
    {
        var operators = Ports.Http(Ports.Free());
        cluster = await RunningCluster.Start(database, size: 0);
        desk = new(cluster);
        var silo = cluster.Add(RunningCluster.OneCluster, new Dictionary<string, string>
        {
            ["CoopLine:Ops:Url"] = operators.ToString(),
            ["CoopLine:Staff:ApiKeys:approver"] = ApproverKey,
        });
        cluster.Line.MonthlyLimit = 10_000;
        silo.Start();
        await silo.UntilReady();
        await using var prometheus = await PrometheusServer.Start(Alerts, operators);
        var campaigns = await desk.Publish(2);
        await Everything(campaigns[0]);
        await prometheus.Until("coopline_line_call_duration_seconds_count{coopline_line_call=\"multicast\"}"); // it goes out in its own time
        await DatabaseIsAway();
        await prometheus.Until("http_server_request_duration_seconds_count{http_route=~\"/pos/.+\", http_response_status_code=~\"5..\"}");
        await silo.UntilReady();
        // Once more, so that there is an increase of everything.
        await Everything(campaigns[1]);
        await DatabaseIsAway();
        await silo.UntilReady();
        await prometheus.Until("coopline_outbox_depth");
        await prometheus.Until("increase(coopline_invariant_looks_total[1m]) > 0");
        await prometheus.Until("coopline:refused_share:30m > 0");

        var asked = Expressions(await prometheus.Rules());
        Assert.True(asked.Count > 50, $"There are only {asked.Count} expressions.");
        var open = asked;
        // For a moment there is no data when the process is too busy to be looked at.
        await Eventually.Holds(
            async () => (open = await WithoutData(prometheus, open)).Count == 0,
            () => $"{asked.Count} expressions find data; {open.Count} do not:\n{string.Join('\n', open)}");
    }

    /// <exception cref="InvalidOperationException">Prometheus does not understand one.</exception>
    private static async Task<List<(string Where, string Expression)>> WithoutData(
        PrometheusServer prometheus, List<(string Where, string Expression)> asked)
    {
        var none = new List<(string Where, string Expression)>();
        foreach (var one in asked)
            if ((await prometheus.Ask(one.Expression)).All(double.IsNaN))
                none.Add(one);
        return none;
    }

    /// <summary>Every expression with the place where it is used, without what makes it hold its tongue or say 0.</summary>
    private static List<(string Where, string Expression)> Expressions(IEnumerable<(string Name, string Expression, bool IsAlert)> rules)
    {
        var all = new List<(string, string)>();
        foreach (var (name, expression, isAlert) in rules)
        {
            var cut = FinalComparison().Match(expression);
            Assert.True(cut.Success || !isAlert, $"{name} does not end with a comparison with a number: {expression}");
            all.Add((name, WithoutZero(isAlert ? cut.Groups["compared"].Value : expression)));
        }

        foreach (var file in Directory.EnumerateFiles(Path.Combine(Files, "dashboards"), "*.json").Order())
        {
            var name = Path.GetFileNameWithoutExtension(file);
            using var dashboard = JsonDocument.Parse(File.ReadAllText(file));
            var variables = dashboard.RootElement.GetProperty("templating").GetProperty("list").EnumerateArray().ToArray();
            foreach (var variable in variables)
            {
                var values = LabelValues().Match(variable.GetProperty("query").GetString()!);
                all.Add(($"{name}, ${variable.GetProperty("name")}", $"{values.Groups["metric"]}{{{values.Groups["label"]}!=\"\"}}"));
            }

            foreach (var panel in dashboard.RootElement.GetProperty("panels").EnumerateArray())
            {
                foreach (var target in panel.GetProperty("targets").EnumerateArray())
                {
                    var expression = target.GetProperty("expr").GetString()!
                        .Replace("$__rate_interval", "10m", StringComparison.Ordinal).Replace("$__range", "10m", StringComparison.Ordinal);
                    foreach (var variable in variables)
                        expression = expression.Replace($"${variable.GetProperty("name")}", ".*", StringComparison.Ordinal);
                    all.Add(($"{name}, {panel.GetProperty("title")}", WithoutZero(expression)));
                }
            }
        }

        return all;
    }

    private static string WithoutZero(string expression) => expression.Replace(" or vector(0)", "", StringComparison.Ordinal);

    /// <summary>A link, guesses, a scan with its replay, a refusal and a void, bad and repeated webhooks, and trouble with LINE.</summary>
    private async Task Everything(string campaign)
    {
        var member = Some.Member();
        await desk.Register(member);
        var phone = cluster.Line.Phone();
        await desk.Confirm(phone, (await desk.FillInForm(phone, member))!);

        var guesser = cluster.Line.Phone();
        for (var i = 0; i < 5; i++) Assert.Null(await desk.FillInForm(guesser, Some.Member()));

        await Scan(phone, campaign);
        await SendToMany(campaign);

        var twice = LineEvents.Text(phone.UserId, "こんにちは", TimeProvider.System.GetUtcNow());
        for (var i = 0; i < 2; i++) (await cluster.Line.Deliver(twice)).Dispose();
        using var forged = await cluster.Line.DeliverRaw("""{"events":[]}"""u8.ToArray(), "bm90IHRoZSBzaWduYXR1cmU=");
        Assert.Equal(HttpStatusCode.Unauthorized, forged.StatusCode);

        using var coupons = desk.Client(phone.IdToken());
        foreach (var status in (int[])[401, 429, 500])
        {
            cluster.Line.Trouble.Answer(LineCall.VerifyIdToken, status, "trouble", Trouble.Always);
            using var shown = await coupons.GetAsync("/coupons/available");
            Assert.False(shown.IsSuccessStatusCode);
            cluster.Line.Trouble.Clear();
        }
    }

    /// <summary>To every friend, at whatever hour.</summary>
    private async Task SendToMany(string id)
    {
        using var author = desk.Client(RunningCluster.StaffKey);
        using var approver = desk.Client(ApproverKey);
        using var defined = await author.PutAsJsonAsync($"/staff/v1/messages/{id}", new
        {
            title = "お知らせ",
            topic = "notice",
            kind = "safety",
            variants = new { linked = new { text = "組合員の皆さまへ" }, unlinked = new { text = "皆さまへ" } },
            ceilingYen = 0,
        });
        defined.EnsureSuccessStatusCode();
        using var submitted = await author.PostAsync($"/staff/v1/messages/{id}/submit", null);
        var hash = (await submitted.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("hash").GetString();
        using var approved = await approver.PostAsJsonAsync($"/staff/v1/messages/{id}/approve", new { hash });
        approved.EnsureSuccessStatusCode();
    }

    private async Task Scan(SimulatedPhone phone, string campaign)
    {
        using var coupons = desk.Client(phone.IdToken());
        using var listed = await coupons.GetAsync("/coupons/available");
        var code = await desk.ShowCode(phone, campaign);
        var (bought, again) = (Counter.NewBasket(code, "", "", campaign), Counter.NewBasket(code, "", "", campaign));
        using var till = desk.Client(RunningCluster.TillKey);
        foreach (var (sale, outcome) in ((Sale, string)[])[(bought.Sale, "redeemed"), (bought.Sale, "redeemed"), (again.Sale, "refused")])
        {
            using var answered = await till.PostAsJsonAsync("/pos/v1/redemptions", sale);
            var answer = await answered.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Equal(outcome, answer.GetProperty("outcome").GetString());
        }

        using var guessed = await till.PostAsJsonAsync("/pos/v1/evaluations", Counter.NewBasket("2512345678908", "", "").Sale);
        guessed.EnsureSuccessStatusCode();
        using var looked = await till.GetAsync($"/pos/v1/receipts/{bought.Sale.Path}");
        using var voided = await till.PostAsync($"/pos/v1/receipts/{bought.Sale.Path}/void", null);
        voided.EnsureSuccessStatusCode();
    }

    /// <summary>A till and LINE call while there is no database.</summary>
    private async Task DatabaseIsAway()
    {
        await database.Server.Kill();
        try
        {
            using var till = desk.Client(RunningCluster.TillKey);
            using var answered = await till.PostAsJsonAsync("/pos/v1/redemptions", Counter.NewBasket("2512345678908", "", "").Sale);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answered.StatusCode);
            var missed = LineEvents.Text(Some.LineUserId(), "こんにちは", TimeProvider.System.GetUtcNow());
            using var delivered = await cluster.Line.Deliver(missed);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, delivered.StatusCode);
        }
        finally
        {
            await database.Server.Up();
        }
    }

    [GeneratedRegex(@"^ *- alert: (?<name>\w+)$", RegexOptions.Multiline)]
    private static partial Regex AlertNames();

    [GeneratedRegex(@"^ *runbook: docs/runbook\.md#(?<anchor>\S+)$", RegexOptions.Multiline)]
    private static partial Regex RunbookLinks();

    [GeneratedRegex(@"^(?<compared>.+) (==|!=|<=?|>=?) -?[\d.]+$", RegexOptions.Singleline)]
    private static partial Regex FinalComparison();

    [GeneratedRegex(@"^label_values\((?<metric>\w+), (?<label>\w+)\)$")]
    private static partial Regex LabelValues();
}
