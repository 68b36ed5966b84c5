using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using CoopLine.Grains.Coupons;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Ops;

/// <summary>What operators and counter staff type into the search, and what they find.</summary>
public sealed partial class Looking_things_up(Looking_things_up.WithOperators shop) : IClassFixture<Looking_things_up.WithOperators>
{
    private const string Title = "もめん豆腐の日";

    private readonly RunningSystem coop = shop.Coop;

    [Fact]
    public async Task A_receipts_number_a_code_a_member_and_eight_characters_of_a_trace_each_find_their_story()
    {
        var (phone, member) = await coop.LinkedFriend();
        var code = await coop.ShowCode(phone, await Tofu());
        var sale = coop.Sale(code);
        var trace = (await coop.Redeem(sale)).GetProperty("traceId").GetString()!;

        foreach (var typed in (string[])[sale.Path.Split('/')[^1], code, member.Number, sale.Path])
        {
            var page = await Search(typed);
            Assert.Contains(Title, page, StringComparison.Ordinal);
            Assert.Contains($"レシート {sale.Path}", page, StringComparison.Ordinal);
        }

        Assert.Contains($"組合員 ***{member.Number[^3..]} にコードを表示しました: {Title}", await Search(code), StringComparison.Ordinal);
        Assert.Contains($"組合員番号 ***{member.Number[^3..]} は", await Search(member.Number), StringComparison.Ordinal);
        foreach (var typed in (string[])[trace[..8], trace[..8].ToUpperInvariant(), trace[..8] + "…"])
            Assert.Contains(trace, await Search(typed), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_member_whose_answers_were_wrong_is_found_with_what_differed_and_the_locks()
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);
        for (var i = 0; i < 5; i++) await coop.Answer(page, member, phone: "0312345678");
        var nobody = Some.Member();
        await coop.Answer(await coop.OpenPage(await coop.NewFriend()), nobody);

        var found = await Search(member.Number);
        Assert.Equal(5, Regex.Count(found, "照合が一致しませんでした: 電話番号"));
        Assert.Contains("入力したLINEアカウントは", found, StringComparison.Ordinal);
        Assert.DoesNotContain(member.Number, found.Replace($"value=\"{member.Number}\"", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain(phone.UserId, found, StringComparison.Ordinal);
        Assert.Contains("名簿にない番号", await Search(nobody.Number), StringComparison.Ordinal);
        Assert.Contains("何も見つかりません", await Search(Some.Member().Number), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_void_before_its_sale_is_told_as_what_it_is()
    {
        var (phone, _) = await coop.LinkedFriend();
        var sale = coop.Sale(await coop.ShowCode(phone, await Tofu()));
        using var voided = await coop.Till().PostAsync($"/pos/v1/receipts/{sale.Key}/void", null);
        Assert.Equal(HttpStatusCode.OK, voided.StatusCode);

        var found = await Search(sale.Path);

        Assert.Contains($"レシート {sale.Path} は、お会計が届く前に取り消されました。", found, StringComparison.Ordinal);
        Assert.DoesNotContain("戻りません", found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_story_is_told_newest_first_in_pages_and_can_be_of_refusals_only()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await Tofu();
        var code = await coop.ShowCode(phone, tofu);
        const string register = "61";
        for (var i = 0; i < 60; i++)
        {
            coop.Clock.Advance(TimeSpan.FromSeconds(1));
            await Sell(code, register, i); // the first is redeemed, the others are refused
        }

        var (first, older) = Receipts(await Search($"0123/{register}"));
        var (rest, end) = Receipts(await Get(older!));
        Assert.Equal(
            Enumerable.Range(0, 60).Reverse().Select(i => $"61{i:D4}"),
            first.Concat(rest).Distinct());
        Assert.Equal(50, first.Length);
        Assert.Null(end);

        var (refused, _) = Receipts(await Search($"0123/{register}", "&refused=on&until=" + Uri.EscapeDataString(coop.At(TimeSpan.FromSeconds(-30)))));
        Assert.Equal(Enumerable.Range(1, 28).Reverse().Select(i => $"61{i:D4}"), refused);
    }

    [Fact]
    public async Task What_is_not_well_comes_first_and_charts_say_what_they_mean_and_when()
    {
        await Eventually.Holds(async () => (await Get("/ops")).Contains("<svg", StringComparison.Ordinal), "the page has charts");
        var well = await Get("/ops");
        Assert.Matches("""<div data-live="/ops/events"><p class="(well|bad)">""", well);

        for (var i = 0; i < 25; i++) await Sell(Ean13.NewCode("25"), "62", i);
        var page = await Get("/ops");

        Assert.Contains("レジ 0123/62 から、存在しないコードが25回送られました", page, StringComparison.Ordinal);
        Assert.Matches("""<div data-live="/ops/events"><p class="bad">異常があります""", page);
        Assert.Equal(3, Regex.Count(page, """role="img" aria-label="[^"]+\. (正常|遅い|拒否が多い|LINEの失敗あり)" """.TrimEnd()));
        Assert.Contains(coop.At()[11..16] + "</text>", page, StringComparison.Ordinal);
    }

    private async Task<string> Tofu()
    {
        var id = Some.CampaignId();
        return await coop.Publish(new
        {
            title = Title,
            discount = new { type = "yen", value = 30 },
            items = new { jans = new[] { "4901234567894" } },
            startsAt = "2026-11-01T00:00:00+09:00",
            endsAt = "2026-12-01T00:00:00+09:00",
        }, id);
    }

    private Task<JsonElement> Sell(string code, string register, int i) => coop.Redeem(coop.Sale(code) with
    {
        receipt = new { businessDate = "2026-11-22", store = "0123", register, number = $"{register}{i:D4}" },
    });

    private Task<string> Search(string typed, string more = "") => Get("/ops/search?q=" + Uri.EscapeDataString(typed) + more);

    private async Task<string> Get(string path)
    {
        using var staff = new HttpClient { BaseAddress = shop.Ops };
        staff.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", RunningSystem.StaffKey);
        staff.DefaultRequestHeaders.AcceptLanguage.ParseAdd("ja");
        using var answer = await staff.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
    }

    private static (string[] Numbers, string? Older) Receipts(string page) => (
        [.. Line().Matches(page).Select(line => line.Groups["number"].Value)],
        OlderLink().Match(page) is { Success: true } link ? link.Groups["address"].Value : null);

    [GeneratedRegex("<li.*?レシート 2026-11-22/0123/61/(?<number>[0-9]+).*?</li>", RegexOptions.Singleline)]
    private static partial Regex Line();

    [GeneratedRegex("<a href=\"(?<address>[^\"]+)\">さらに古いもの")]
    private static partial Regex OlderLink();

    /// <summary>A system with an address for operators.</summary>
    public sealed class WithOperators : IAsyncLifetime
    {
        public WithOperators()
        {
            Ops = new($"http://127.0.0.1:{Ports.Free().ToString(CultureInfo.InvariantCulture)}");
            Coop = new()
            {
                Also =
                {
                    ["CoopLine:Ops:Url"] = Ops.GetLeftPart(UriPartial.Authority),
                    ["CoopLine:Pos:Keys:0777:0"] = RunningSystem.TillKey("0777"),
                    ["CoopLine:Pos:Keys:0888:0"] = RunningSystem.TillKey("0888"),
                },
            };
        }

        public RunningSystem Coop { get; }

        public Uri Ops { get; }

        public ValueTask InitializeAsync() => Coop.InitializeAsync();

        public ValueTask DisposeAsync() => Coop.DisposeAsync();
    }
}
