using CoopLine.Grains;
using CoopLine.Grains.Line;
using CoopLine.Simulator;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CoopLine.Tests.Fixtures;

/// <summary>A simulated LINE and CoopLine's own clients of it, as the program sets them up, and nothing else.</summary>
public sealed class LineAlone : IAsyncLifetime
{
    private const string RightToken = "simulated-channel-access-token";

    private readonly string? token = RightToken;
    private readonly TimeSpan timeout = TimeSpan.FromSeconds(30);
    private ServiceProvider services = null!;

    public LineAlone()
    {
    }

    private LineAlone(string? token, TimeSpan? timeout) => (this.token, this.timeout) = (token, timeout ?? this.timeout);

    public LineSimulator Line { get; private set; } = null!;
    public FakeTimeProvider Clock { get; } = new(new(2026, 11, 30, 14, 0, 0, TimeSpan.Zero));
    public LineSendingClient Client => services.GetRequiredService<LineSendingClient>();
    public MonthlyLimit Monthly => services.GetRequiredService<MonthlyLimit>();

    /// <param name="token">The channel access token; null for tokens that are issued as needed.</param>
    /// <param name="timeout">Of one call.</param>
    public static async Task<LineAlone> Start(string? token = RightToken, TimeSpan? timeout = null)
    {
        var coop = new LineAlone(token, timeout);
        await coop.InitializeAsync();
        return coop;
    }

    public async ValueTask InitializeAsync()
    {
        var nobody = new Uri("http://127.0.0.1:9"); // listens there
        Line = await LineSimulator.Start(
            new() { WebhookUrl = nobody, ChannelAccessToken = RightToken, EnvironmentName = "Testing" }, Clock);
        var setup = new ServiceCollection();
        setup.AddSingleton<TimeProvider>(Clock);
        setup.AddMetrics();
        setup.AddLogging(logging => logging.AddProvider(new TestLog()));
        setup.AddSingleton(Options.Create(new LineOptions
        {
            ChannelSecret = Line.Options.ChannelSecret,
            ChannelAccessToken = token,
            ChannelId = Line.Options.ChannelId,
            LoginChannelId = Line.Options.LoginChannelId,
            LiffId = Line.Options.LiffId,
            ApiBase = Line.BaseAddress,
            Timeout = timeout,
        }));
        setup.AddLineClient();
        services = setup.BuildServiceProvider();
    }

    public async Task<SimulatedPhone[]> Friends(int number)
    {
        var friends = Enumerable.Range(0, number).Select(_ => Line.Phone()).ToArray();
        foreach (var friend in friends) await friend.Follow();
        return friends;
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await Line.DisposeAsync();
    }
}
