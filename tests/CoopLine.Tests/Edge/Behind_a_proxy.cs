using System.Net;
using System.Text.RegularExpressions;
using CoopLine.Silo.Hosting;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Edge;

/// <summary>Only a proxy that is known is believed what it says of who is behind it.</summary>
[OneDatabase]
public sealed partial class Behind_a_proxy : IAsyncLifetime
{
    private const string Page = "/link/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    private readonly RunningSystem coop = new()
    {
        Also = { ["CoopLine:RateLimits:PagesPerSecond"] = "1" },
    };

    private readonly Uri operators = Ports.Http(Ports.Free());

    public ValueTask InitializeAsync() => coop.InitializeAsync();

    public ValueTask DisposeAsync() => coop.DisposeAsync();

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.0/8")]
    public async Task Each_member_has_a_limit_of_their_own(string proxy)
    {
        await using var host = await Start(proxy);

        for (var i = 1; i <= 30; i++) Assert.Equal(HttpStatusCode.NotFound, await Ask(host, $"203.0.113.{i}"));
    }

    [Fact]
    public async Task Behind_several_known_proxies_each_member_has_a_limit_of_their_own()
    {
        await using var host = await Start("127.0.0.0/8");

        Assert.DoesNotContain(HttpStatusCode.TooManyRequests, await AskOften(i => Ask(host, $"203.0.113.{i}, 127.0.0.9")));
    }

    [Fact]
    public async Task An_address_that_a_member_invents_counts_for_nothing()
    {
        await using var host = await Start("127.0.0.1");

        // The proxy adds the true address at the end.
        Assert.Contains(HttpStatusCode.TooManyRequests, await AskOften(i => Ask(host, $"198.51.100.{i}, 203.0.113.7")));
    }

    [Theory]
    [InlineData("10.0.0.5")]
    [InlineData(null)]
    public async Task Nobody_else_is_believed(string? proxy)
    {
        await using var host = await Start(proxy);

        Assert.Contains(HttpStatusCode.TooManyRequests, await AskOften(i => Ask(host, $"203.0.113.{i}")));
        using var page = await Get(new Uri(host.Address, Page), "203.0.113.7", "https");
        Assert.False(page.Headers.Contains("Strict-Transport-Security"));
    }

    [Fact]
    public async Task Behind_https_the_browser_stays_with_https_and_the_cookie_is_for_https()
    {
        await using var host = await Start("127.0.0.1");

        using var page = await Get(new Uri(host.Address, Page), "203.0.113.7", "https");
        using var form = await Get(new Uri(operators, "/staff/sign-in"), "203.0.113.8", "https");
        var token = FormToken().Match(await form.Content.ReadAsStringAsync()).Groups["token"].Value;
        using var login = new HttpRequestMessage(HttpMethod.Post, new Uri(operators, "/staff/sign-in"))
        {
            Content = new FormUrlEncodedContent([new("form", token), new("way", "key"), new("key", RunningSystem.StaffKey)]),
            Headers =
            {
                { "X-Forwarded-For", "203.0.113.9" }, { "X-Forwarded-Proto", "https" },
                { "Cookie", form.Headers.GetValues("Set-Cookie").Single().Split(';')[0] },
            },
        };
        using var loggedIn = await coop.Http.SendAsync(login);

        Assert.Equal("max-age=31536000", page.Headers.GetValues("Strict-Transport-Security").Single());
        var cookie = loggedIn.Headers.GetValues("Set-Cookie").Single();
        Assert.StartsWith("coopline-staff=", cookie, StringComparison.Ordinal);
        Assert.Contains("; secure", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("/ops")]
    [InlineData("/ops/search?q=1")]
    [InlineData("/ops/orleans/")]
    public async Task A_redirect_does_not_repeat_the_host(string path)
    {
        await using var host = await Start(null);

        var answer = await RawRequest.Send(operators, $"GET {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");

        Assert.Equal(302, answer?.Status);
        Assert.Contains("\r\nLocation: /staff/sign-in?from=", answer?.Head, StringComparison.Ordinal);
        Assert.DoesNotContain("evil", answer?.Head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nginx")]
    [InlineData("10.0.0.0/33")]
    [InlineData("")]
    public async Task A_proxy_that_is_no_address_stops_the_start_and_is_named(string proxy)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var host = await Start(proxy);
        });

        Assert.Contains("CoopLine:KnownProxies:0", StartProblem.Describe(failure), StringComparison.Ordinal);
    }

    private async Task<Fixtures.Host> Start(string? proxy)
    {
        var settings = new Dictionary<string, string?>(coop.Settings("proxied")) { ["CoopLine:Ops:Url"] = operators.ToString() };
        if (proxy is not null) settings["CoopLine:KnownProxies:0"] = proxy;
        return await Fixtures.Host.Start(settings, coop.Clock);
    }

    /// <summary>More than is allowed in any second of a slow machine.</summary>
    private static async Task<HttpStatusCode[]> AskOften(Func<int, Task<HttpStatusCode>> ask) =>
        await Task.WhenAll(Enumerable.Range(1, 100).Select(ask));

    private async Task<HttpStatusCode> Ask(Fixtures.Host host, string forwardedFor)
    {
        using var answer = await Get(new Uri(host.Address, Page), forwardedFor, "https");
        return answer.StatusCode;
    }

    private async Task<HttpResponseMessage> Get(Uri page, string forwardedFor, string proto)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, page);
        request.Headers.Host = "line.coop.example"; // of localhost no browser remembers anything
        request.Headers.Add("X-Forwarded-For", forwardedFor);
        request.Headers.Add("X-Forwarded-Proto", proto);
        return await coop.Http.SendAsync(request);
    }

    [GeneratedRegex("""name="form" value="(?<token>[^"]+)" """)]
    private static partial Regex FormToken();
}
