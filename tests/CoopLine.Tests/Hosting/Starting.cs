using CoopLine.Silo.Hosting;
using CoopLine.Tests.Fixtures;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CoopLine.Tests.Hosting;

[OneDatabase]
[Collection(typeof(RequestHost))]
public sealed class Starting(RunningSystem coop)
{
    [Theory]
    [InlineData("CoopLine:PublicBaseUrl", "notaurl")]
    [InlineData("CoopLine:PublicBaseUrl", "ftp://x")]
    [InlineData("CoopLine:Line:ApiBase", "foo")]
    [InlineData("CoopLine:Line:Timeout", "-1")]
    [InlineData("CoopLine:Coop:TimeZone", "Mars/Base")]
    [InlineData("CoopLine:Coop:Name", "コープ\nさくら")]
    [InlineData("CoopLine:Coop:Phone", "00000000000000000000000000000000000000000")]
    [InlineData("CoopLine:Coop:MemberNumberDigits:0", "21")]
    [InlineData("CoopLine:CodePrefix", "99")]
    [InlineData("CoopLine:Registry:HashKey", "short")]
    [InlineData("CoopLine:RateLimits:PagesPerSecond", "0")]
    [InlineData("CoopLine:DataDirectory", "/proc/nowhere")]
    [InlineData("CoopLine:Role", "webs")]
    [InlineData("CoopLine:Role", "web")]
    [InlineData("CoopLine:Role", "silo")]
    [InlineData("CoopLine:Shutdown:PauseSeconds", "16")]
    [InlineData("CoopLine:Cluster:GatewayPort", "65536")]
    [InlineData("CoopLine:Cluster:Address", "db.internal")]
    [InlineData("CoopLine:Cluster:Address", "0.0.0.0")]
    [InlineData("CoopLine:Cluster:Address", "::")]
    [InlineData("CoopLine:Cluster:Address", "203.0.113.7")]
    [InlineData("CoopLine:Cluster:Address", "172.32.0.1")]
    [InlineData("CoopLine:Cluster:Address", "::ffff:198.51.100.1")]
    [InlineData("CoopLine:Cluster:Address", "2001:db8::1")]
    public async Task A_setting_that_cannot_work_stops_the_start_and_is_named(string setting, string value)
    {
        var settings = new Dictionary<string, string?>(coop.Settings("another")) { [setting] = value };

        var failure = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var host = await Fixtures.Host.Start(settings, coop.Clock);
        });

        Assert.Contains(setting.Replace(":0", "", StringComparison.Ordinal).Split(':')[^1], StartProblem.Describe(failure), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", StartProblem.Describe(failure), StringComparison.Ordinal);
    }

    [Fact]
    public void Orleans_watchdog_is_not_believed_in_the_first_minute()
    {
        var clock = new FakeTimeProvider();
        var maySpeak = MaskedLoggingSetup.WatchdogMaySpeak(clock);
        var rules = coop.Host.Services.GetRequiredService<IOptions<LoggerFilterOptions>>().Value.Rules;
        Assert.Contains(rules, rule => rule is { CategoryName: "Orleans.Runtime.Watchdog", Filter: not null });

        clock.Advance(TimeSpan.FromSeconds(59));
        Assert.False(maySpeak(LogLevel.Warning));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(maySpeak(LogLevel.Warning));
        Assert.False(maySpeak(LogLevel.Information));
    }
}
