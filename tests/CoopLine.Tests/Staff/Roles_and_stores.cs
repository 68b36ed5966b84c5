using System.Net;
using System.Net.Http.Headers;
using CoopLine.Grains.Staff;
using CoopLine.Tests.Fixtures;
using CoopLine.Webhook.Staff;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CoopLine.Tests.Staff;

/// <summary>What each role may call, route by route, and for which stores.</summary>
public sealed class Roles_and_stores(Roles_and_stores.WithEveryRole staff) : IClassFixture<Roles_and_stores.WithEveryRole>
{
    private const string Everybody = "clerk storeManager marketing approver auditor operator";

    private const string Restoring = "/staff/v1/receipts/{businessDate}/{store}/{register}/{number}/restore";

    // A route that is not here fails: nobody has decided who may call it.
    private static readonly Dictionary<string, string> Table = new()
    {
        ["GET /staff/v1/members/{number}"] = "clerk storeManager auditor",
        ["POST /staff/v1/members/{number}/unlink"] = "clerk storeManager",
        ["POST /staff/v1/members/{number}/locks/clear"] = "clerk storeManager",
        ["POST /staff/v1/members/{number}/erase"] = "storeManager",
        ["POST " + Restoring] = "storeManager approver",
        ["GET /staff/v1/ledger"] = "storeManager auditor",
        ["GET /staff/v1/campaigns"] = "storeManager marketing approver auditor",
        ["GET /staff/v1/campaigns/{id}"] = "storeManager marketing approver auditor",
        ["GET /staff/v1/campaigns/{id}/versions"] = "storeManager marketing approver auditor",
        ["POST /staff/v1/campaigns/{id}/rehearsal"] = "storeManager marketing approver auditor",
        ["PUT /staff/v1/campaigns/{id}"] = "marketing",
        ["PUT /staff/v1/campaigns/{id}/members"] = "marketing",
        ["PUT /staff/v1/campaigns/{id}/segment"] = "marketing",
        ["POST /staff/v1/campaigns/{id}/publish"] = "approver",
        ["POST /staff/v1/campaigns/{id}/stop"] = "marketing approver",
        ["GET /staff/v1/messages/{id}"] = "storeManager marketing approver auditor",
        ["GET /staff/v1/messages/{id}/persons"] = "storeManager marketing approver auditor",
        ["GET /staff/v1/messages/{id}/results"] = "storeManager marketing approver auditor",
        ["POST /staff/v1/messages/{id}/preview"] = "storeManager marketing approver auditor",
        ["PUT /staff/v1/messages/{id}"] = "marketing",
        ["POST /staff/v1/messages/{id}/test"] = "marketing",
        ["POST /staff/v1/messages/{id}/submit"] = "marketing",
        ["POST /staff/v1/messages/{id}/resume"] = "marketing",
        ["POST /staff/v1/messages/{id}/approve"] = "approver",
        ["POST /staff/v1/messages/{id}/pause"] = "marketing approver",
        ["POST /staff/v1/messages/{id}/stop"] = "marketing approver",
        ["POST /staff/v1/messages/{id}/cancel"] = "marketing approver",
        ["GET /staff/v1/automatic-messages/{reason}"] = "storeManager marketing approver auditor",
        ["PUT /staff/v1/automatic-messages/{reason}"] = "marketing",
        ["POST /staff/v1/automatic-messages/{reason}/on"] = "approver",
        ["POST /staff/v1/automatic-messages/{reason}/off"] = "marketing approver",
        ["GET /staff/v1/friends/import"] = "operator",
        ["POST /staff/v1/friends/import"] = "operator",
        ["POST /staff/v1/registry/imports"] = "operator",
        ["GET /staff/accounts"] = "operator",
        ["POST /staff/accounts"] = "operator",
        ["GET /staff/accounts/new"] = "operator",
        ["GET /staff/accounts/{name}"] = "operator",
        ["POST /staff/accounts/{name}"] = "operator",
        ["POST /staff/accounts/{name}/link"] = "operator",
        ["POST /staff/accounts/{name}/remove"] = "operator",
        ["POST /staff/accounts/{name}/sessions/end"] = "operator",
        ["GET /staff/me"] = Everybody,
        ["GET /staff/me/password"] = Everybody,
        ["POST /staff/me/password"] = Everybody,
        ["POST /staff/me/passkeys"] = Everybody,
        ["POST /staff/me/passkeys/offer"] = Everybody,
        ["POST /staff/me/passkeys/remove"] = Everybody,
        ["POST /staff/me/sessions/end"] = Everybody,
        ["POST /staff/sign-out"] = Everybody,
        ["GET /ops"] = "auditor operator",
        ["GET /ops/events"] = "auditor operator",
        ["GET /ops/search"] = "auditor operator",
        ["GET /ops/traces/{id}"] = "auditor operator",
        ["* /ops/orleans"] = "auditor operator",
    };

    // Signing in is anybody's.
    private static readonly string[] Open =
    [
        "GET /ops/login", "GET /staff/sign-in", "POST /staff/sign-in", "POST /staff/sign-in/passkey",
        "GET /staff/invitation", "POST /staff/invitation", "POST /staff/invitation/passkey",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private RunningSystem Coop => staff.Open.Coop;

    [Fact]
    public void Each_route_of_staff_has_a_rule()
    {
        var routes = Routes().ToArray();

        Assert.Equal(Table.Keys.Order(), routes.Where(route => route.IsClosed).Select(route => route.Name).Distinct().Order());
        Assert.Equal(Open.Order(), routes.Where(route => !route.IsClosed).Select(route => route.Name).Distinct().Order());
    }

    [Theory]
    [InlineData("clerk")]
    [InlineData("storeManager")]
    [InlineData("marketing")]
    [InlineData("approver")]
    [InlineData("auditor")]
    [InlineData("operator")]
    public async Task A_role_may_call_what_the_table_says_and_nothing_else(string role)
    {
        using var browser = new StaffBrowser(staff.Open.Public);
        await browser.SignIn(WithEveryRole.Key(role));
        foreach (var (route, roles) in Table)
        {
            if (IsForBrowsers(route))
            {
                Assert.Equal((route, roles.Split(' ').Contains(role)), (route, await Opens(route, browser)));
                continue;
            }

            using var answer = await Call(route, WithEveryRole.Key(role));
            if (roles.Split(' ').Contains(role)) Assert.True(answer.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) || await IsOfStores(answer), $"{role}: {route} {answer.StatusCode}");
            else await answer.AssertProblem(HttpStatusCode.Forbidden, "not-permitted");
        }

        // A ledger without a store is more than a store manager's.
        static async Task<bool> IsOfStores(HttpResponseMessage answer) =>
            (await answer.Content.ReadAsStringAsync(Cancellation)).Contains("urn:coopline:another-store", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_key_nobody_gets_anywhere_and_a_key_without_roles_everywhere()
    {
        foreach (var route in Table.Keys)
        {
            using var nobody = await Call(route, key: null);
            Assert.True(nobody.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Redirect, $"{route} {nobody.StatusCode}");
            if (IsForBrowsers(route)) continue;
            using var anybody = await Call(route, RunningSystem.StaffKey);
            Assert.True(anybody.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden), $"{route} {anybody.StatusCode}");
        }
    }

    [Fact]
    public async Task A_refusal_says_which_role_it_takes()
    {
        using var refused = await Call("POST /staff/v1/messages/{id}/approve", WithEveryRole.Key("clerk"));

        Assert.Contains("approver", await refused.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("storeManager", 403, "another-store")] // of 0456
    [InlineData("manager-0123", 403, "too-much-for-one")]
    [InlineData("approver", 200, null)]
    public async Task A_use_is_given_back_by_who_may_at_that_store_and_for_so_much(string who, int status, string? reason)
    {
        var (phone, _) = await Coop.LinkedFriend();
        var campaign = await Coop.Publish();
        var (sale, _) = await Coop.Use(phone, campaign); // 30 yen at 0123

        using var answer = await Coop.With(WithEveryRole.Key(who)).PostAsJsonAsync(
            $"/staff/v1/receipts/{sale.Key}/restore", new { campaign, reason = "レジの誤り" }, Cancellation);

        if (reason is null) Assert.Equal(status, (int)answer.StatusCode);
        else await answer.AssertProblem((HttpStatusCode)status, reason);
    }

    [Theory]
    [InlineData("marketing", false)]
    [InlineData("approver", false)]
    [InlineData("storeManager", true)]
    [InlineData("auditor", true)]
    public async Task Who_got_a_message_is_told_by_number_to_who_may_see_members(string who, bool whole)
    {
        var (_, member) = await Coop.LinkedFriend();
        var id = await Coop.Send(MessageSteps.Define(new { linked = true }, unlinked: false));
        await Coop.WaitUntil(id, "done");

        var persons = await Coop.Did(HttpMethod.Get, id + "/persons", by: Coop.With(WithEveryRole.Key(who)));

        Assert.Contains(
            whole ? member.Number : "***" + member.Number[^3..],
            persons.GetProperty("persons").EnumerateArray().Select(person => person.GetProperty("member").GetString()));
    }

    [Theory]
    [InlineData("1", "***")]
    [InlineData("1234", "***34")]
    [InlineData("0012345", "***345")]
    [InlineData(null, null)]
    public void A_masked_number_shows_half_of_it_and_no_more_than_three(string? number, string? masked) =>
        Assert.Equal(masked, MaskedNumber.Of(number));

    [Theory]
    [InlineData("manager-0123", "?store=0123", true)]
    [InlineData("manager-0123", "?store=0456", false)]
    [InlineData("manager-0123", "", false)]
    [InlineData("auditor", "", true)]
    public async Task The_ledger_of_a_store_is_its_managers_and_all_of_it_the_auditors(string who, string query, bool may)
    {
        using var answer = await Coop.With(WithEveryRole.Key(who)).GetAsync("/staff/v1/ledger" + query, Cancellation);

        if (may) Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        else await answer.AssertProblem(HttpStatusCode.Forbidden, "another-store");
    }

    [Theory]
    [InlineData("operator", "?force=true", true)]
    [InlineData("operator", "", false)]
    [InlineData("approving-operator", "?force=true", false)]
    public async Task An_import_past_the_limits_takes_an_approver(string who, string query, bool refused)
    {
        using var file = new StringContent("", new MediaTypeHeaderValue("text/csv"));
        using var answer = await Coop.With(WithEveryRole.Key(who)).PostAsync("/staff/v1/registry/imports" + query, file, Cancellation);

        if (refused) await answer.AssertProblem(HttpStatusCode.Forbidden, "not-permitted");
        else await answer.AssertProblem(HttpStatusCode.BadRequest, "registry-import:empty");
    }

    [Fact]
    public async Task Who_signed_in_with_a_key_sees_no_more_than_its_roles_allow()
    {
        using var browser = new StaffBrowser(staff.Open.Operators);
        await browser.SignIn(WithEveryRole.Key("clerk"), from: "/ops");
        Assert.Equal("/ops", browser.Location);

        await browser.Follow();

        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
        Assert.Contains("あなたの役割では", browser.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("suzuki", "Roles:suzuki=clerks", "there is no role clerks")]
    [InlineData("suzuki", "Roles:suzuki= ", "names no role")]
    [InlineData("suzuki", "Roles:sato=auditor", "nobody with this name")]
    [InlineData("suzuki", "Stores:sato=0123", "nobody with this name")]
    [InlineData("suzuki", "Roles:suzuki=clerk", "Stores:suzuki is missing")]
    [InlineData("suzuki", "Stores:suzuki=01/2", "a store has")]
    public void What_cannot_be_meant_stops_the_start(string name, string setting, string error)
    {
        var wrong = Assert.Throws<OptionsValidationException>(() => Read(name, setting));

        Assert.Contains(error, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Words_are_separated_by_spaces_or_commas_and_a_star_is_every_store()
    {
        var one = Read("suzuki", "Roles:suzuki=clerk, auditor", "Stores:suzuki=0123 0456").Find("suzuki")!;
        var all = Read("suzuki", "Roles:suzuki=clerk", "Stores:suzuki=*").Find("suzuki")!;

        Assert.Equal([StaffRole.Clerk, StaffRole.Auditor], one.Roles.Order());
        Assert.True(one.May(Permission.SeeMembers, "0456"));
        Assert.False(one.May(Permission.HelpMembers, "0789"));
        Assert.True(one.May(Permission.SeeMembers, "0789")); // as an auditor
        Assert.True(all.May(Permission.HelpMembers, "0789"));
    }

    [Theory]
    [InlineData("Roles:suzuki=auditor", false)]
    [InlineData("RestoreUpToYen=1", true)]
    public void A_key_without_roles_is_warned_of(string setting, bool warned)
    {
        var log = new Lines();

        Read("suzuki", log, setting);

        Assert.Equal(warned, log.Any(line => line.Contains("suzuki", StringComparison.Ordinal)));
    }

    private static StaffAccounts Read(string name, params string[] settings) => Read(name, NullLogger<StaffAccounts>.Instance, settings);

    private static StaffAccounts Read(string name, ILogger<StaffAccounts> log, params string[] settings) => new(
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => setting.Split('=')).Select(one => KeyValuePair.Create<string, string?>("CoopLine:Staff:" + one[0], one[1])))
            .AddInMemoryCollection([KeyValuePair.Create<string, string?>("CoopLine:Staff:ApiKeys:" + name, "a-key-that-is-long-enough")])
            .Build(),
        log);

    /// <summary>What people do on pages is for browsers that are signed in, and for no key.</summary>
    private static bool IsForBrowsers(string route) =>
        route.Contains(" /staff", StringComparison.Ordinal) && !route.Contains(" /staff/v1", StringComparison.Ordinal);

    /// <summary>Whether it comes as far as the form, which lacks its token: so nothing changes.</summary>
    private static async Task<bool> Opens(string route, StaffBrowser browser)
    {
        var path = route.Split(' ')[1].Replace("{name}", "nobody", StringComparison.Ordinal);
        await (route.StartsWith("GET", StringComparison.Ordinal) ? browser.Open(path) : browser.Post(path, "same-origin", token: null));
        Assert.Contains(browser.Status, (HttpStatusCode[])[HttpStatusCode.OK, HttpStatusCode.BadRequest, HttpStatusCode.NotFound, HttpStatusCode.Forbidden]);
        return browser.Status != HttpStatusCode.Forbidden;
    }

    private async Task<HttpResponseMessage> Call(string route, string? key)
    {
        var (method, pattern) = (route.Split(' ')[0], route.Split(' ')[1]);
        var address = new Uri(
            pattern.StartsWith("/ops", StringComparison.Ordinal) ? staff.Open.Operators : staff.Open.Public,
            pattern.Replace("{businessDate}", "2026-11-22", StringComparison.Ordinal).Replace("{store}", "0123", StringComparison.Ordinal)
                .Replace("{register}", "05", StringComparison.Ordinal).Replace("{number}", "999999", StringComparison.Ordinal)
                .Replace("{reason}", "saved", StringComparison.Ordinal).Replace("{id}", "no-such-thing", StringComparison.Ordinal)
                .Replace("{name}", "nobody", StringComparison.Ordinal));
        using var request = new HttpRequestMessage(method == "*" ? HttpMethod.Get : new(method), address);
        if (Routes().First(one => one.Name == route).Body is { } type) request.Content = new StringContent("{}", new MediaTypeHeaderValue(type));
        if (key is not null) request.Headers.Authorization = new("Bearer", key);
        // Without the body: one of them is a stream that goes on.
        return await staff.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
    }

    private IEnumerable<Route> Routes() =>
        from endpoint in Coop.Host.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
        let pattern = "/" + endpoint.RoutePattern.RawText!.Trim('/')
        where pattern.StartsWith("/staff", StringComparison.Ordinal) || pattern.StartsWith("/ops", StringComparison.Ordinal)
        let isDashboard = pattern.StartsWith("/ops/orleans", StringComparison.Ordinal)
        from method in isDashboard ? ["*"] : endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
        select new Route(
            $"{method} {(isDashboard ? "/ops/orleans" : pattern)}",
            endpoint.Metadata.GetMetadata<IAuthorizeData>() is not null,
            endpoint.Metadata.GetMetadata<IAcceptsMetadata>()?.ContentTypes[0]);

    private sealed class Lines : List<string>, ILogger<StaffAccounts>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Add(formatter(state, exception));
    }

    /// <param name="Body">Its media type; null: it takes none.</param>
    private sealed record Route(string Name, bool IsClosed, string? Body);

    public sealed class WithEveryRole : IAsyncLifetime
    {
        private static readonly Dictionary<string, (string Roles, string? Stores)> Staff = new()
        {
            ["clerk"] = ("clerk", "*"),
            ["storeManager"] = ("storeManager", "0456"),
            ["marketing"] = ("marketing", null),
            ["approver"] = ("approver", null),
            ["auditor"] = ("auditor", null),
            ["operator"] = ("operator", null),
            ["manager-0123"] = ("storeManager", "0123"),
            ["approving-operator"] = ("operator approver", null),
        };

        public WithEveryRole()
        {
            foreach (var (name, (roles, stores)) in Staff)
            {
                Open.Coop.Also["CoopLine:Staff:ApiKeys:" + name] = Key(name);
                Open.Coop.Also["CoopLine:Staff:Roles:" + name] = roles;
                if (stores is not null) Open.Coop.Also["CoopLine:Staff:Stores:" + name] = stores;
            }

            Open.Coop.Also["CoopLine:Staff:RestoreUpToYen"] = "20";
        }

        public OpenToOperators Open { get; } = new();

        public HttpClient Http { get; } = new(new HttpClientHandler { AllowAutoRedirect = false });

        public static string Key(string name) => name == "approver" ? RunningSystem.ApproverKey : $"{name}-has-this-key";

        public ValueTask InitializeAsync() => Open.InitializeAsync();

        public async ValueTask DisposeAsync()
        {
            Http.Dispose();
            await Open.DisposeAsync();
        }
    }
}
