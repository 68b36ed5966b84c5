using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using CoopLine.Simulator.Demo;
using CoopLine.Simulator.Line;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CoopLine.Simulator;

/// <summary>
/// A LINE platform on its own port: LINE's HTTP contract for the program, phones for tests and for people.
/// It knows CoopLine only by its addresses. Tests use the methods here; people open <see cref="BaseAddress"/>.
/// </summary>
public sealed class LineSimulator : IAsyncDisposable
{
    private static readonly string[] DemoPhones = ["さくらのスマホ", "ひろしのスマホ"];

    private readonly WebApplication app;
    private readonly TimeProvider clock;
    private readonly CallLog calls;
    private readonly MonthlyQuota quota;
    private readonly RichMenus menus;
    private readonly IdTokens idTokens;
    private readonly Webhooks webhooks;
    private readonly AccountLinkDialog dialog;
    private readonly TillEndpoints till;
    private readonly DemoSend send;
    private readonly ConcurrentDictionary<string, SimulatedPhone> phones = new();
    private Uri? webhookUrl;

    private LineSimulator(LineSimulatorOptions options, TimeProvider clock)
    {
        Options = options;
        this.clock = clock;
        CoopLineUrl = options.CoopLineUrl;
        webhookUrl = options.WebhookUrl;
        var replyTokens = new ReplyTokens(clock);
        var linkTokens = new LinkTokens(clock);
        var channelTokens = new ChannelTokens(options, clock);
        var retryKeys = new RetryKeys(clock);
        quota = new(clock);
        calls = new(Changes, clock);
        menus = new(Changes);
        idTokens = new(clock);
        webhooks = new(this, replyTokens, Changes);
        dialog = new(this, linkTokens, webhooks, clock);

        // An empty builder: the simulator lives inside another program and must not read that one's configuration.
        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = "CoopLine.Simulator" });
        builder.WebHost.UseKestrelCore().UseUrls(options.Url);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = 2 * 1024 * 1024);
        builder.Services.AddRouting();
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole();
        app = builder.Build();
        app.UseRouting();
        app.Use(new LinePipeline(calls, Trouble, channelTokens, clock).Handle);

        new MessagingEndpoints(this, replyTokens, retryKeys, linkTokens, quota, Units).Map(app);
        new StatisticsEndpoints(this, quota, Units).Map(app);
        new RichMenuEndpoints(this, menus, clock).Map(app);
        new OAuthEndpoints(channelTokens, idTokens).Map(app);
        new DialogEndpoints(this).Map(app);
        new LiffEndpoints(this).Map(app);
        DemoTrouble = new(this);
        new DemoEndpoints(this).Map(app);
        till = new TillEndpoints(this);
        till.Map(app);
        Memory = new(options.MemoryFile);
        Remember(retryKeys);
        send = new DemoSend(this);
        send.Map(app);
        app.Map("/v2/{**unknown}", LineAnswer.NotFound).Is(LineCall.Unknown, needsChannelToken: false);
        app.Map("/oauth2/{**unknown}", LineAnswer.NotFound).Is(LineCall.Unknown, needsChannelToken: false);
    }

    /// <summary>Where it listens, with the port that was picked.</summary>
    public Uri BaseAddress { get; private set; } = null!;

    /// <summary>CoopLine's public address; tests that learn it late set it then.</summary>
    public Uri? CoopLineUrl { get; set; }

    /// <summary>Where events go. Default: <c>/line/webhook</c> at <see cref="CoopLineUrl"/>.</summary>
    public Uri? WebhookUrl
    {
        get => webhookUrl ?? (CoopLineUrl is null ? null : new Uri(CoopLineUrl, "/line/webhook"));
        set => webhookUrl = value;
    }

    public LineSimulatorOptions Options { get; }

    /// <summary>What goes wrong.</summary>
    public Trouble Trouble { get; } = new();

    /// <summary>Every call LINE received, oldest first.</summary>
    public IReadOnlyList<RecordedCall> Calls => calls.All;

    /// <summary>How many persons may get a message in a calendar month, replies aside; null (at the start) for any number.</summary>
    public int? MonthlyLimit
    {
        get => quota.Limit;
        set => quota.Limit = value;
    }

    /// <summary>How long it takes until the account's consumption tells what was sent: a minute at the start.</summary>
    public TimeSpan ConsumptionIsToldAfter
    {
        get => quota.ToldAfter;
        set => quota.ToldAfter = value;
    }

    internal AggregationUnits Units { get; } = new();
    internal bool DemoIsReady { get; set; }
    internal Changes Changes { get; } = new();
    internal RichMenus RichMenus => menus;
    internal Webhooks Webhooks => webhooks;
    internal AccountLinkDialog Dialog => dialog;
    internal TimeProvider Clock => clock;
    internal Memory Memory { get; }
    internal DemoTrouble DemoTrouble { get; }

    /// <summary>Whether the page may end this process: it is the demo's.</summary>
    internal bool MayBeKilled { get; private set; }

    internal IEnumerable<SimulatedPhone> AllPhones => phones.Values.OrderBy(phone => phone.UserId, StringComparer.Ordinal);

    /// <summary>Those that the page shows.</summary>
    internal IEnumerable<SimulatedPhone> Phones => AllPhones.Where(phone => phone.IsOnPage);

    /// <exception cref="InvalidOperationException">The environment is Production.</exception>
    public static async Task<LineSimulator> Start(LineSimulatorOptions options, TimeProvider clock)
    {
        var environment = options.EnvironmentName
            ?? Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT")
            ?? Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT");
        if (string.Equals(environment, Environments.Production, StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidOperationException(
                "The LINE simulator does not start in Production: it would let anybody act as any member. "
                + "Configure the real LINE channel under CoopLine:Line instead.");
        }

        var line = new LineSimulator(options, clock);
        await line.app.StartAsync();
        var address = line.app.Services.GetRequiredService<IServer>().Features
            .GetRequiredFeature<IServerAddressesFeature>();
        line.BaseAddress = new Uri(address.Addresses.First());
        if (options.HasMenus) line.menus.CreateCoopMenus($"https://liff.line.me/{options.LiffId}");
        return line;
    }

    /// <summary>
    /// Starts the simulator for a person: phones and a till in the browser, at <see cref="BaseAddress"/>. The account has
    /// no menus yet: CoopLine makes them.
    /// </summary>
    /// <exception cref="InvalidOperationException">The environment is Production.</exception>
    public static async Task<LineSimulator> StartDemo(
        LineSimulatorOptions options, DemoClock clock, IHostEnvironment environment)
    {
        var line = await Start(options with { EnvironmentName = environment.EnvironmentName, HasMenus = false }, clock);
        line.MayBeKilled = true;
        foreach (var (index, name) in DemoPhones.Index()) line.Phone($"U{index + 1:x32}", name);
        return line;
    }

    /// <summary>
    /// Call it when CoopLine listens: files the demo's members and campaigns, then the phones follow the account.
    /// That happens at every start, since the phones forget and CoopLine does not: it shows them their menu again.
    /// </summary>
    /// <exception cref="InvalidOperationException">CoopLine refused the data; its answer is in the message.</exception>
    public async Task CoopLineIsListening(Uri coopLineUrl, CancellationToken cancellation = default)
    {
        CoopLineUrl = coopLineUrl;
        using (var staff = new HttpClient { BaseAddress = coopLineUrl, Timeout = Timeout.InfiniteTimeSpan })
        {
            staff.DefaultRequestHeaders.Authorization = new("Bearer", Options.StaffKey);
            await DemoSeed.Run(staff, clock, cancellation);
        }
        foreach (var phone in Phones) await phone.Follow();
        DemoIsReady = true;
        Changes.Announce();
    }

    /// <summary>The phone of this LINE user, or of a new one. A new one is no friend of the account yet.</summary>
    public SimulatedPhone Phone(string? userId = null, string? name = null) => Phone(userId, name, isOnPage: true);

    internal SimulatedPhone Phone(string? userId, string? name, bool isOnPage)
    {
        userId ??= "U" + RandomNumberGenerator.GetHexString(32, lowercase: true);
        if (!LineRequest.IsUserId(userId)) throw new ArgumentException($"Not a LINE user id: {userId}", nameof(userId));
        var phone = phones.GetOrAdd(userId, id => new(
            id, name ?? $"user {id[^4..]}", isOnPage, this, menus, webhooks, idTokens, Changes, clock));
        Changes.Announce();
        return phone;
    }

    /// <summary>The phone of somebody who has been a friend for long: no webhook tells of it.</summary>
    public SimulatedPhone Friend(string userId)
    {
        var phone = Phone(userId);
        phone.HasBeenFriend();
        return phone;
    }

    /// <summary>Opens the account-link dialog, as the browser does that CoopLine sent there.</summary>
    /// <param name="visitorUserId">The LINE user logged in to that browser.</param>
    /// <exception cref="ArgumentException">The address is not the dialog's.</exception>
    public Task<DialogResult> OpenAccountLinkDialog(Uri redirect, string visitorUserId) =>
        dialog.Open(redirect, visitorUserId);

    /// <summary>
    /// Sends these events (see <see cref="LineEvents"/>) in one signed request, untouched by <see cref="Trouble"/>.
    /// </summary>
    /// <exception cref="HttpRequestException">CoopLine could not be reached.</exception>
    public Task<HttpResponseMessage> Deliver(params object[] events)
    {
        var body = webhooks.Body(events);
        return webhooks.Post(body, Sign(body));
    }

    /// <summary>Sends these bytes as a webhook. Without a signature the header is left out.</summary>
    public Task<HttpResponseMessage> DeliverRaw(ReadOnlyMemory<byte> body, string? signature) =>
        webhooks.Post(body, signature);

    /// <summary>The signature that belongs to these bytes.</summary>
    public string Sign(ReadOnlySpan<byte> body) => LineSignature.Of(body, Options.ChannelSecret);

    /// <summary>Ends <see cref="WebhookTrouble.HoldBack"/> and sends what was held, one request each.</summary>
    public Task<IReadOnlyList<HttpStatusCode?>> ReleaseWebhooks(bool latestFirst = false) =>
        webhooks.Release(latestFirst);

    /// <summary>Sends again, marked as redelivered, all events that CoopLine never answered 2xx.</summary>
    public Task<IReadOnlyList<HttpStatusCode?>> RedeliverFailed() => webhooks.RedeliverFailed();

    /// <summary>
    /// Waits for a call, earlier ones included. Look at <see cref="RecordedCall.Status"/> to wait for its answer.
    /// </summary>
    /// <exception cref="TimeoutException">None came within a minute; the message lists what did.</exception>
    public Task<RecordedCall> WaitForCall(Func<RecordedCall, bool> wanted, string what = "a certain one") =>
        calls.WaitFor(wanted, what);

    public async ValueTask DisposeAsync()
    {
        Trouble.Clear();
        await app.DisposeAsync();
        webhooks.Dispose();
        till.Dispose();
        send.Dispose();
        Memory.Dispose();
        idTokens.Dispose();
    }

    /// <summary>What a process before this one was told by CoopLine is true in this one.</summary>
    private void Remember(RetryKeys retryKeys)
    {
        foreach (var kept in Memory.Kept)
        {
            if (kept.Friend is { } friend) Phone(friend.UserId, friend.Name, friend.IsOnPage).Remember(friend);
            if (kept.Taken is not { } taken) continue;
            retryKeys.Remember(taken);
            using var body = JsonDocument.Parse(taken.Body);
            var messages = body.RootElement.GetProperty("messages").Clone();
            foreach (var to in body.RootElement.GetProperty("to").EnumerateArray())
                Find(to.GetString()!)?.Receive(messages, MessageWay.Multicast, taken.Key.ToString());
        }
    }

    internal SimulatedPhone? Find(string userId) => phones.GetValueOrDefault(userId);
}
