using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CoopLine.Grains;
using CoopLine.Simulator;
using Microsoft.Extensions.Time.Testing;

namespace CoopLine.Tests.Fixtures;

/// <summary>CoopLine, a LINE platform on the wire, a database file and one clock for them all. It is 10:00 in Tokyo on 2026-11-22.</summary>
public sealed class RunningSystem : IAsyncLifetime
{
    public const string StaffKey = "test-staff-key-01";

    /// <summary>Of somebody else than the tester; see <see cref="MessageSteps.WithApprover"/>.</summary>
    public const string ApproverKey = "test-approver-key";

    public const string ChannelSecret = "5f1c0e9ab7d24c6e8a13f0d94b62e7c1";

    private static readonly string[] Stores = ["0123", "0456"];

    private readonly TestDatabase database;
    private readonly List<IAsyncDisposable> started = [];
    private readonly Dictionary<string, Stack<RegisteredMember>> stock = [];
    private readonly SemaphoreSlim stocking = new(1);

    public RunningSystem()
        : this(new TestDatabase())
    {
    }

    /// <param name="database">Is disposed with this.</param>
    internal RunningSystem(TestDatabase database) => this.database = database;

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 22, 1, 0, 0, TimeSpan.Zero));

    public Faults Faults { get; } = new();

    /// <summary>Changes the services of the host, after everything else.</summary>
    public Action<IServiceCollection>? Wrap { get; init; }

    /// <summary>Settings beside the usual ones; set them before the start.</summary>
    public Dictionary<string, string?> Also { get; } = [];

    public LineSimulator Line { get; private set; } = null!;

    public Host Host { get; private set; } = null!;

    /// <summary>Follows no redirect: tests look at them.</summary>
    public HttpClient Http { get; private set; } = null!;

    public IGrainFactory Grains => Host.Grains;

    public async ValueTask InitializeAsync()
    {
        Line = await LineSimulator.Start(
            new LineSimulatorOptions
            {
                ChannelSecret = ChannelSecret,
                StaffKey = StaffKey,
                ApproverKey = ApproverKey,
                PosKeys = Stores.ToDictionary(store => store, TillKey),
            },
            Clock);
        await StartHost();
    }

    /// <summary>Another process on the same database file that knows nothing of the first one: another cluster.</summary>
    public async Task<Host> StartRival()
    {
        var rival = await Host.Start(Settings("rival"), Clock, Faults.Strike);
        started.Add(rival);
        return rival;
    }

    /// <param name="dead">Called between the old process and the new one.</param>
    public async Task Restart(Action? dead = null)
    {
        await Host.DisposeAsync();
        dead?.Invoke();
        await StartHost();
    }

    /// <summary>A registered member of these businesses, whom no other test knows. One import brings many.</summary>
    public async Task<RegisteredMember> NewMember(string businesses = "store")
    {
        await stocking.WaitAsync();
        try
        {
            if (!stock.TryGetValue(businesses, out var members)) stock[businesses] = members = new();
            if (members.Count == 0)
            {
                foreach (var member in Enumerable.Range(0, 50).Select(_ => Some.Member(businesses))) members.Push(member);
                await Register([.. members]);
            }

            return members.Pop();
        }
        finally
        {
            stocking.Release();
        }
    }

    /// <summary>A new friend's phone.</summary>
    public async Task<SimulatedPhone> NewFriend()
    {
        var phone = Line.Phone(Some.LineUserId());
        await phone.Follow();
        return phone;
    }

    /// <summary>Puts members into the registry, as the co-op's delta file would.</summary>
    public async Task Register(params RegisteredMember[] members) => await Import("delta", members);

    /// <summary>After a full import: whoever <see cref="NewMember"/> has in stock is missing from it.</summary>
    public void ForgetMembers() => stock.Clear();

    public async Task<JsonElement> Import(string mode, params RegisteredMember[] members)
    {
        using var body = new StringContent(Some.Csv(members), Encoding.UTF8, "text/csv");
        using var response = await Staff().PostAsync($"/staff/v1/registry/imports?mode={mode}&force=true", body);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        if (mode == "full") ForgetMembers();
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>The whole way: banner, message, page, form, LINE's dialog, webhook; done when the phone shows the menu of linked members.</summary>
    public async Task Link(SimulatedPhone phone, RegisteredMember member)
    {
        var dialog = await FillInForm(phone, member);
        await Line.OpenAccountLinkDialog(dialog, phone.UserId);
        await phone.WaitForRichMenu("coopline-linked");
    }

    /// <summary>Banner, message, page and form; returns LINE's dialog.</summary>
    public async Task<Uri> FillInForm(SimulatedPhone phone, RegisteredMember member)
    {
        var page = await TapLink(phone);
        using var opened = await Http.PostAsync(new Uri(page + "/opened"), null);
        Assert.True(opened.IsSuccessStatusCode, await opened.Content.ReadAsStringAsync());
        using var sent = await SendForm(page, member);
        Assert.True(sent.Headers.Location is not null, await sent.Content.ReadAsStringAsync());
        return sent.Headers.Location;
    }

    /// <summary>Taps the banner; returns the address of the page in the message that comes.</summary>
    public async Task<Uri> TapLink(SimulatedPhone phone)
    {
        var before = phone.LastLinkUri;
        Clock.Advance(TimeSpan.FromMilliseconds(1)); // nobody taps twice in one moment
        await phone.TapBanner("link");
        await phone.WaitForMessage(_ => phone.LastLinkUri != before, "the message with the link page");
        return phone.LastLinkUri!;
    }

    public Task<HttpResponseMessage> SendForm(Uri page, RegisteredMember member) => SendForm(page, member.Number, member.Phone, member.BirthDate);

    public async Task<HttpResponseMessage> SendForm(Uri page, string memberNumber, string phone, string birthDate)
    {
        using var form = new FormUrlEncodedContent(
            [new("memberNumber", memberNumber), new("phone", phone), new("birthDate", birthDate)]);
        return await PostForm(page, form);
    }

    /// <summary>Sends the link page something, and goes where a browser would go after it, but not as far as LINE.</summary>
    public async Task<HttpResponseMessage> PostForm(Uri page, HttpContent form)
    {
        var answer = await Http.PostAsync(page, form);
        if (answer.Headers.Location is not { IsAbsoluteUri: false } back) return answer;
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        answer.Dispose();
        return await Http.GetAsync(new Uri(page, back));
    }

    /// <summary>Defines and publishes a campaign; without further wishes: tofu, 30 yen off, everywhere, for everybody, this month.</summary>
    public async Task<string> Publish(object? definition = null, string? id = null)
    {
        id ??= Some.CampaignId();
        using var put = await Staff().PutAsJsonAsync($"/staff/v1/campaigns/{id}", definition ?? Some.Campaign());
        Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync());
        using var published = await Staff().PostAsync($"/staff/v1/campaigns/{id}/publish", null);
        Assert.True(published.IsSuccessStatusCode, await published.Content.ReadAsStringAsync());
        return id;
    }

    /// <summary>The code that the phone's coupon page shows for these campaigns.</summary>
    public async Task<string> ShowCode(SimulatedPhone phone, params string[] campaigns)
    {
        using var response = await AskForCode(phone, campaigns);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString()!;
    }

    public Task<HttpResponseMessage> AskForCode(SimulatedPhone phone, params string[] campaigns) =>
        Member(phone).PostAsJsonAsync("/coupons/codes", new { campaigns });

    /// <summary>A till of the store; the answer as JSON.</summary>
    public async Task<JsonElement> Redeem(object request, string store = "0123", string what = "redemptions", HttpClient? at = null)
    {
        using var response = await (at ?? Till(store)).PostAsJsonAsync($"/pos/v1/{what}", request);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    public HttpClient Till(string store = "0123", Host? host = null) => Client(TillKey(store), host);

    public HttpClient Staff(Host? host = null) => Client(StaffKey, host);

    /// <summary>Somebody with this key.</summary>
    public HttpClient With(string key) => Client(key, host: null);

    /// <summary>The coupon page in this phone.</summary>
    public HttpClient Member(SimulatedPhone phone, Host? host = null) => Client(phone.IdToken(), host);

    /// <summary>As the database's owner, who may do more than the service.</summary>
    internal void Execute(string sql) => database.Execute(sql);

    public static string TillKey(string store) => "test-till-" + store;

    public async ValueTask DisposeAsync()
    {
        foreach (var one in Enumerable.Reverse(started)) await one.DisposeAsync();
        await Host.DisposeAsync();
        await Line.DisposeAsync();
        Http.Dispose();
        stocking.Dispose();
        database.Dispose();
    }

    internal IReadOnlyDictionary<string, string?> Settings(string cluster)
    {
        var settings = Usual(cluster);
        foreach (var (name, value) in Also) settings[name] = value;
        return settings;
    }

    private Dictionary<string, string?> Usual(string cluster) => new(database.Settings)
    {
        ["CoopLine:Cluster:ClusterId"] = cluster,
        ["CoopLine:PublicBaseUrl"] = "https://line.coop.example",
        ["CoopLine:Line:ChannelSecret"] = ChannelSecret,
        ["CoopLine:Line:ChannelAccessToken"] = Line.Options.ChannelAccessToken,
        ["CoopLine:Line:ApiBase"] = Line.BaseAddress.ToString(),
        ["CoopLine:Line:DataApiBase"] = Line.BaseAddress.ToString(),
        ["CoopLine:Line:AccessBase"] = Line.BaseAddress.ToString(),
        ["CoopLine:Line:LoginChannelId"] = Line.Options.LoginChannelId,
        ["CoopLine:Line:LiffId"] = Line.Options.LiffId,
        ["CoopLine:Line:LiffSdk"] = new Uri(Line.BaseAddress, "liff/sdk.js").ToString(),
        ["CoopLine:FrameAncestors"] = $"'self' {Line.BaseAddress.GetLeftPart(UriPartial.Authority)}", // the simulator's phones
        ["CoopLine:Registry:HashKey"] = "test-registry-hash-key",
        ["CoopLine:Registry:MembersPerBirthDate"] = "10000", // all members of the tests have the same
        ["CoopLine:Coop:Name"] = "コープさくら",
        ["CoopLine:Coop:Phone"] = "0120-000-111",
        ["CoopLine:Coop:Hours"] = "月~土 9時~18時",
        ["CoopLine:PictureHosts:0"] = "pictures.coop.example",
        ["CoopLine:Staff:ApiKeys:tester"] = StaffKey,
        ["CoopLine:Pos:Keys:0123:0"] = TillKey("0123"),
        ["CoopLine:Pos:Keys:0456:0"] = TillKey("0456"),
        ["CoopLine:Shutdown:PauseSeconds"] = "0", // the test's clock stands still
        // One test client asks as much as a whole co-op.
        ["CoopLine:RateLimits:TillPerSecond"] = "100000",
        ["CoopLine:RateLimits:StaffPerSecond"] = "100000",
        ["CoopLine:RateLimits:PagesPerSecond"] = "100000",
        ["CoopLine:RateLimits:UnknownCodes"] = "100000",
        ["CoopLine:RateLimits:StaffSignIns"] = "100000",
    };

    private async Task StartHost()
    {
        Host = await Host.Start(Settings("coopline"), Clock, Faults.Strike + Wrap);
        await Host.Grains.Sweeper.Sweep(); // the one at start is over: a clock that jumps would break off a call under way
        Line.CoopLineUrl = Host.Address;
        Http?.Dispose();
        Http = new(new Relay(this) { InnerHandler = new HttpClientHandler { AllowAutoRedirect = false } });
    }

    private HttpClient Client(string bearer, Host? host)
    {
        var client = new HttpClient { BaseAddress = (host ?? Host).Address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        return client;
    }

    /// <summary>Stands in for the reverse proxy: what goes to the public address arrives at the host.</summary>
    private sealed class Relay(RunningSystem system) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri is { Host: "line.coop.example" } uri)
                request.RequestUri = new Uri(system.Host.Address, uri.PathAndQuery);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
