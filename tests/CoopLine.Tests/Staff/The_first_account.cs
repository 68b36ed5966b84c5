using System.Collections.Concurrent;
using System.Net;
using System.Text.RegularExpressions;
using CoopLine.Grains;
using CoopLine.Grains.Staff;
using CoopLine.Tests.Fixtures;
using CoopLine.Webhook.Console;

namespace CoopLine.Tests.Staff;

/// <summary>Where nobody has an account yet, the log has a link.</summary>
public sealed class The_first_account : IAsyncLifetime
{
    private readonly Links links = new();
    private readonly RunningSystem coop;

    public The_first_account() => coop = new() { Wrap = services => services.AddLogging(logging => logging.AddProvider(links)) };

    public ValueTask InitializeAsync() => coop.InitializeAsync();

    public ValueTask DisposeAsync() => coop.DisposeAsync();

    [Fact]
    public async Task The_link_makes_an_operator_once()
    {
        var link = await Link(1);
        using var browser = new StaffBrowser(coop.Host.Address);
        await browser.Open(link);
        Assert.Contains("最初のアカウントを作る", browser.Text, StringComparison.Ordinal);
        await browser.Open(link + "&name=tester&display=");
        Assert.Contains("この名前は使えません", browser.Text, StringComparison.Ordinal);
        Assert.Contains("1~50文字", browser.Text, StringComparison.Ordinal);

        var named = link + "&name=suzuki&display=%E9%88%B4%E6%9C%A8";
        var suzuki = await coop.Join(browser, named, "suzuki");

        Assert.Contains("登録できました。", browser.Text, StringComparison.Ordinal);
        coop.Clock.Advance(TimeSpan.FromSeconds(30));
        await browser.SignIn(suzuki, from: "/staff/accounts");
        await browser.Follow();
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.Contains("鈴木", browser.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Gone, (await browser.Open(link)).Status);
        Assert.Equal(HttpStatusCode.Gone, (await browser.Open(link + "&name=sato&display=x")).Status);

        coop.Clock.Advance(TimeSpan.FromMinutes(1));
        await coop.Restart();
        Assert.False(await coop.Grains.StaffDirectory.OfferFirst("00"));
        Assert.Single(links.Written);
    }

    [Fact]
    public async Task Each_start_has_a_new_link_and_the_newest_is_good_for_a_day()
    {
        var first = await Link(1);
        coop.Clock.Advance(TimeSpan.FromMinutes(1));
        await coop.Restart();
        var second = await Link(2);
        using var browser = new StaffBrowser(coop.Host.Address);

        Assert.Equal(HttpStatusCode.Gone, (await browser.Open(first)).Status);
        coop.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, (await browser.Open(second)).Status);
        coop.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Gone, (await browser.Open(second)).Status);
    }

    [Fact]
    public async Task Of_processes_that_start_together_one_has_the_link()
    {
        await Link(1);
        await coop.StartRival();

        Assert.False(await coop.Grains.StaffDirectory.OfferFirst("00"));
        Assert.Single(links.Written);
    }

    [Fact]
    public async Task Somebody_who_was_invited_and_never_came_does_not_count()
    {
        await Link(1);
        await coop.Grains.StaffDirectory.Invite(new("suzuki", "x", [StaffRole.Operator], null), Tokens.HashOf("x"), "tester");
        coop.Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.True(await coop.Grains.StaffDirectory.OfferFirst(Tokens.HashOf("token")));

        // The link may be used for that name as well.
        var profile = new StaffProfile("suzuki", "鈴木", [StaffRole.Operator], null);
        var passkey = new StaffWay.ByPasskey(new("id", "", 0, PasskeySync.Never, "x", coop.Clock.GetUtcNow()));
        Assert.True(await coop.Grains.StaffDirectory.JoinFirst(Tokens.HashOf("token"), profile, passkey));
        Assert.False(await coop.Grains.StaffDirectory.JoinFirst(Tokens.HashOf("token"), profile, passkey));
        Assert.Equal("鈴木", (await coop.Grains.Staff("suzuki").Read()).Account!.DisplayName);
    }

    private async Task<string> Link(int starts)
    {
        await Eventually.Holds(() => links.Written.Count >= starts, "the log has a link");
        Assert.Equal(starts, links.Written.Count);
        return Regex.Match(links.Written.Last(), @"https://line\.coop\.example(?<path>/staff/invitation\?token=[0-9a-f]{32})$").Groups["path"].Value;
    }

    private sealed class Links : ILoggerProvider
    {
        public ConcurrentQueue<string> Written { get; } = [];

        public ILogger CreateLogger(string categoryName) => new Category(categoryName, Written);

        public void Dispose()
        {
        }

        private sealed class Category(string name, ConcurrentQueue<string> lines) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => name == typeof(FirstAccount).FullName && logLevel == LogLevel.Warning;

            public void Log<TState>(
                LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                if (IsEnabled(logLevel)) lines.Enqueue(formatter(state, exception));
            }
        }
    }
}
