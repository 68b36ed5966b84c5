using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Pages;

/// <summary>What comes with every page: headers, language, weight.</summary>
[OneDatabase]
[Collection(typeof(RequestHost))]
public sealed partial class Serving_pages(RunningSystem coop)
{
    private const int TransferLimitBytes = 100_000;

    [Fact]
    public async Task Every_personal_answer_is_kept_by_nobody_tells_nobody_and_runs_only_our_scripts()
    {
        var phone = await coop.NewFriend();
        foreach (var address in new[] { "/coupons", "/coupons/available", "/coupons/codes/2912345678906", "/link/unknown", "/link/", (await coop.TapLink(phone)).PathAndQuery })
        {
            using var answer = await coop.Member(phone).GetAsync(address);

            var policy = Header("Content-Security-Policy").Split("; ");
            Assert.Contains("default-src 'none'", policy);
            Assert.All(policy, one => Assert.DoesNotContain("unsafe", one, StringComparison.Ordinal));
            Assert.Contains("style-src 'self'", policy);
            Assert.Contains($"frame-ancestors 'self' {coop.Line.BaseAddress.GetLeftPart(UriPartial.Authority)}", policy); // as set
            Assert.Contains("no-store", Header("Cache-Control"), StringComparison.Ordinal);
            Assert.Equal("no-referrer", Header("Referrer-Policy"));
            Assert.Equal("nosniff", Header("X-Content-Type-Options"));
            Assert.StartsWith("screen-wake-lock=(self)", Header("Permissions-Policy"), StringComparison.Ordinal);

            string Header(string name) => answer.Headers.TryGetValues(name, out var values) ? values.Single() : $"{address} has no {name}";
        }
    }

    [Theory]
    [InlineData("/coupons/")]
    [InlineData("/coupons/coupons")] // liff.line.me/{id}/coupons
    [InlineData("/coupons/coupons/?liff.state=%2Fcoupons")]
    [InlineData("/coupons/codes")]
    [InlineData("/coupons/codes/2912345678905/nothing/here")]
    [InlineData("/coupons/index.html")]
    public async Task Whatever_is_below_the_coupons_shows_their_page(string address)
    {
        using var page = await coop.Http.GetAsync(new Uri(coop.Host.Address, address));

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("data-liff-id", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_page_has_script_or_style_in_it()
    {
        foreach (var page in await Pages())
        {
            Assert.DoesNotMatch(@"\sstyle\s*=|\son[a-z]+\s*=|<style|javascript:", page);
            Assert.All(Script().Matches(page), script => Assert.Matches(@"<script [^>]*src=""[^""]+""[^>]*></script>", script.Value));
        }
    }

    [Fact]
    public async Task A_page_speaks_the_language_that_the_browser_asks_for()
    {
        using var english = new HttpClient { BaseAddress = coop.Host.Address };
        english.DefaultRequestHeaders.Add("Accept-Language", "en-GB,en;q=0.9");

        var unknown = await (await english.GetAsync("/link/unknown")).Content.ReadAsStringAsync();
        var coupons = await english.GetStringAsync("/coupons");
        var japanese = await coop.Http.GetStringAsync(new Uri(coop.Host.Address, "/coupons"));

        Assert.Contains("<html lang=\"en\">", unknown, StringComparison.Ordinal);
        Assert.Contains("There is no such page", unknown, StringComparison.Ordinal);
        Assert.Contains("<html lang=\"en\">", coupons, StringComparison.Ordinal);
        Assert.Contains("Use LINE coupons", coupons, StringComparison.Ordinal);
        Assert.Contains("<html lang=\"ja\">", japanese, StringComparison.Ordinal);
        Assert.Contains("LINEクーポンを使う", japanese, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Conditions_come_in_the_language_of_the_browser_and_the_tills_sentences_stay_Japanese()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        using var page = coop.Member(phone);
        page.DefaultRequestHeaders.Add("Accept-Language", "en");
        using var till = coop.Till();
        till.DefaultRequestHeaders.Add("Accept-Language", "en");

        var offers = await page.GetFromJsonAsync<JsonElement>("/coupons/available");
        var refused = await coop.Redeem(coop.Sale("2912345678906"), at: till);

        var coupon = offers.GetProperty("usable").EnumerateArray().Single(one => one.GetProperty("campaign").GetString() == tofu);
        Assert.Equal("¥30 off", coupon.GetProperty("discount").GetProperty("text").GetString());
        Assert.Equal("From Sun, November 1 to Mon, November 30", coupon.GetProperty("conditions")[0].GetString());
        Assert.Matches(@"\p{IsHiragana}", refused.GetProperty("refusals")[0].GetProperty("message").GetString()!);
    }

    [Fact]
    public async Task Every_page_with_all_that_it_loads_from_us_is_light()
    {
        foreach (var page in await Pages())
        {
            var bytes = System.Text.Encoding.UTF8.GetByteCount(page);
            foreach (Match asset in Asset().Matches(page)) bytes += await Transferred(asset.Groups[1].Value);
            Assert.InRange(bytes, 1_000, TransferLimitBytes);
        }
    }

    [Fact]
    public async Task Style_and_scripts_travel_compressed_and_are_kept_for_a_year_under_an_address_of_their_content()
    {
        var page = await coop.Http.GetStringAsync(new Uri(coop.Host.Address, "/coupons"));
        var addresses = Asset().Matches(page).Select(asset => asset.Groups[1].Value).ToArray();

        Assert.Equal(3, addresses.Length);
        foreach (var address in addresses)
        {
            using var plain = await Get(address, null);
            foreach (var encoding in new[] { "br", "gzip" })
            {
                using var packed = await Get(address, encoding + ", deflate");
                Assert.Equal([encoding], packed.Content.Headers.ContentEncoding);
                Assert.Equal("Accept-Encoding", packed.Headers.Vary.Single());
                Assert.True(packed.Headers.CacheControl is { Public: true, MaxAge.Days: 365 });
                Assert.NotEqual(plain.Headers.ETag, packed.Headers.ETag);
                var stream = await packed.Content.ReadAsStreamAsync();
                using var unpacked = new StreamReader(encoding is "br"
                    ? new System.IO.Compression.BrotliStream(stream, System.IO.Compression.CompressionMode.Decompress)
                    : new System.IO.Compression.GZipStream(stream, System.IO.Compression.CompressionMode.Decompress));
                Assert.Equal(await plain.Content.ReadAsStringAsync(), await unpacked.ReadToEndAsync());
            }

            Assert.Empty(plain.Content.Headers.ContentEncoding);
            using var other = await Get(address[..^1] + "x", null);
            Assert.True(other.Headers.CacheControl?.NoCache);
        }

        using var none = await Get("/assets/none.js", null);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    /// <summary>The coupon page, a form, a form with its errors, and a notice.</summary>
    private async Task<string[]> Pages()
    {
        var session = await coop.TapLink(await coop.NewFriend());
        return
        [
            await coop.Http.GetStringAsync(new Uri(coop.Host.Address, "/coupons")),
            await coop.Http.GetStringAsync(session),
            await (await coop.SendForm(session, "x", "y", "S46")).Content.ReadAsStringAsync(),
            await (await coop.Http.GetAsync(new Uri(coop.Host.Address, "/link/unknown"))).Content.ReadAsStringAsync(),
        ];
    }

    private async Task<int> Transferred(string address)
    {
        using var asset = await Get(address, "gzip, br");
        Assert.Equal(HttpStatusCode.OK, asset.StatusCode);
        return (await asset.Content.ReadAsByteArrayAsync()).Length;
    }

    private async Task<HttpResponseMessage> Get(string address, string? encodings)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(coop.Host.Address, address));
        if (encodings is not null) request.Headers.TryAddWithoutValidation("Accept-Encoding", encodings);
        return await coop.Http.SendAsync(request);
    }

    [GeneratedRegex("<script.*?</script>", RegexOptions.Singleline)]
    private static partial Regex Script();

    [GeneratedRegex("(?:src|href)=\"(/assets/[^\"]+)\"")]
    private static partial Regex Asset();
}
