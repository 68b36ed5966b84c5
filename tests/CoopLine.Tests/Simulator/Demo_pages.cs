using System.Net;
using System.Text.Json;
using CoopLine.Simulator;
using CoopLine.Simulator.Demo;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Simulator;

/// <summary>What a person's browser gets from the simulator.</summary>
[NoDatabase]
public sealed class Demo_pages : IAsyncLifetime
{
    private readonly HttpClient browser = new(new HttpClientHandler { AllowAutoRedirect = false });
    private LineSimulator line = null!;

    public async ValueTask InitializeAsync()
    {
        line = await LineSimulator.Start(
            new() { CoopLineUrl = new("http://coopline.example:5080"), EnvironmentName = "Testing" },
            TimeProvider.System);
        browser.BaseAddress = line.BaseAddress;
    }

    public async ValueTask DisposeAsync()
    {
        browser.Dispose();
        await line.DisposeAsync();
    }

    [Theory]
    [InlineData("/", "text/html")]
    [InlineData("/pages/demo.js", "text/javascript")]
    [InlineData("/pages/phone.js", "text/javascript")]
    [InlineData("/pages/till.js", "text/javascript")]
    [InlineData("/pages/clock.js", "text/javascript")]
    [InlineData("/pages/page.js", "text/javascript")]
    [InlineData("/pages/send.html", "text/html")]
    [InlineData("/pages/send.js", "text/javascript")]
    [InlineData("/pages/style.css", "text/css")]
    [InlineData("/liff/sdk.js", "text/javascript")]
    public async Task Given_a_page_then_it_comes_out_of_the_assembly(string path, string type)
    {
        var answer = await browser.GetAsync(path, Cancelled);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(type, answer.Content.Headers.ContentType?.MediaType);
        Assert.NotEmpty(await answer.Content.ReadAsStringAsync(Cancelled));
    }

    [Fact]
    public async Task Given_a_LIFF_address_then_it_leads_to_the_coupon_page_with_its_query()
    {
        var answer = await browser.GetAsync($"/liff/{line.Options.LiffId}?liffUser=U1", Cancelled);

        Assert.Equal(new("http://coopline.example:5080/coupons?liffUser=U1"), answer.Headers.Location);
    }

    [Fact]
    public async Task Given_a_user_then_only_CoopLines_pages_may_read_the_id_token()
    {
        var answer = await browser.GetAsync($"/liff/idtoken?user={line.Phone().UserId}", Cancelled);

        var allowed = answer.Headers.GetValues("Access-Control-Allow-Origin");
        Assert.Equal("http://coopline.example:5080", Assert.Single(allowed));
        var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancelled)).RootElement;
        Assert.Equal(3, body.GetProperty("idToken").GetString()!.Split('.').Length);
    }

    [Fact]
    public async Task Given_a_demo_then_its_clock_moves_the_simulator_and_comes_back()
    {
        var clock = new DemoClock();
        await using var demo = await LineSimulator.Start(
            new() { CoopLineUrl = new("http://127.0.0.1:1"), EnvironmentName = "Testing" }, clock);
        using var page = new HttpClient { BaseAddress = demo.BaseAddress };
        var phone = demo.Phone();
        await phone.Follow();

        var moved = await page.PostAsync("/demo/clock/advance/1440", null, Cancelled);
        await phone.Say("明日です");
        var ahead = clock.GetUtcNow() - TimeProvider.System.GetUtcNow();
        await page.PostAsync("/demo/clock/real", null, Cancelled);

        Assert.Equal(HttpStatusCode.NoContent, moved.StatusCode);
        Assert.InRange(ahead, TimeSpan.FromHours(23.9), TimeSpan.FromHours(24.1));
        Assert.InRange(phone.Chat[^1].At - clock.GetUtcNow(), TimeSpan.FromHours(23.9), TimeSpan.FromHours(24.1));
        Assert.Equal(TimeSpan.Zero, clock.Ahead);
    }

    [Fact]
    public async Task Given_a_clock_that_is_not_the_demos_then_it_cannot_be_moved() => Assert.Equal(
        HttpStatusCode.NotFound, (await browser.PostAsync("/demo/clock/advance/5", null, Cancelled)).StatusCode);

    [Fact]
    public async Task Given_the_dialog_then_without_a_known_visitor_it_asks_and_with_one_it_judges_the_token()
    {
        var phone = line.Phone(name: "さくら");

        var asking = await browser.GetAsync("/dialog/bot/accountLink?linkToken=unknown&nonce=abcdefghij", Cancelled);
        var judging = await browser.GetAsync(
            $"/dialog/bot/accountLink?linkToken=unknown&nonce=abcdefghij&user={phone.UserId}", Cancelled);

        Assert.Equal(HttpStatusCode.OK, asking.StatusCode);
        Assert.Contains(phone.UserId, await asking.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, judging.StatusCode);
    }

    [Fact]
    public void Given_the_demo_registry_then_it_has_ten_thousand_different_members_and_is_always_the_same()
    {
        var rows = DemoData.RegistryCsv().TrimEnd('\n').Split('\n')[1..];

        Assert.Equal(10_000, rows.Select(row => row.Split(',')[0]).Distinct().Count());
        Assert.All(rows, row => Assert.Equal(7, row.Split(',').Length));
        Assert.Equal("10000001,090-1234-5678,1971-04-01,active,store;home,0123,", rows[0]);
        Assert.Equal(rows, DemoData.RegistryCsv().TrimEnd('\n').Split('\n')[1..]);
    }

    [Fact]
    public void Given_the_tills_products_then_every_JAN_has_its_check_digit() =>
        Assert.All(DemoData.Products, product =>
        {
            Assert.Equal(13, product.Jan.Length);
            Assert.Equal(0, product.Jan.Select((digit, i) => (digit - '0') * (i % 2 == 0 ? 1 : 3)).Sum() % 10);
        });

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;
}
