using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace CoopLine.Load;

/// <summary>A campaign is rehearsed on many baskets: from the call, which brings them, to its answer.</summary>
internal static class RehearsalSection
{
    public const string Title = "Rehearsal";

    private const int Lines = 10;
    private const int Categories = 10;
    private const int Others = 3;
    private const string Setting = "SQLite";
    private const string Seconds = "seconds";
    private const string Contender = "rehearsal";

    public static async Task Run(Options options, Results results)
    {
        var baskets = options.Quick ? 2_000 : 100_000;
        var body = new MemoryStream();
        for (var number = 0; number < baskets; number++)
        {
            JsonSerializer.Serialize(body, Basket(number));
            body.WriteByte((byte)'\n');
        }

        await using var server = await Server.CoopLine(database: null, new Dictionary<string, string>());
        using var staff = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}"), Timeout = TimeSpan.FromMinutes(10) };
        staff.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Server.StaffKey);
        for (var campaign = 0; campaign <= Others; campaign++)
        {
            using var put = await staff.PutAsJsonAsync($"/staff/v1/campaigns/{Id(campaign)}", Campaign(campaign));
            put.EnsureSuccessStatusCode();
            if (campaign == 0) continue;
            using var published = await staff.PostAsync($"/staff/v1/campaigns/{Id(campaign)}/publish", null);
            published.EnsureSuccessStatusCode();
        }

        for (var turn = 0; turn < options.Turns; turn++)
        {
            using var content = new ByteArrayContent(body.GetBuffer(), 0, (int)body.Length);
            content.Headers.ContentType = new("application/jsonl");
            var started = Stopwatch.GetTimestamp();
            using var answer = await staff.PostAsync($"/staff/v1/campaigns/{Id(0)}/rehearsal", content);
            var text = await answer.Content.ReadAsStringAsync();
            if (JsonElement.Parse(text).GetProperty("baskets").GetInt32() != baskets) throw new InvalidDataException(text);
            results.Add(Contender, Setting, Seconds, Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        results.Table(
            ["baskets", "seconds", "lowest–highest"],
            [[baskets, results.Median(Contender, Setting, Seconds), results.Spread(Contender, Setting, Seconds)]]);
        if (!options.Quick) results.AtMost("Rehearsal: seconds for 100,000 baskets", results.Median(Contender, Setting, Seconds), 60);
    }

    /// <summary>Ten lines of ten categories, and the coupons of none to three other campaigns.</summary>
    private static object Basket(int number) => new
    {
        store = Sale.Store(number % Sale.Stores),
        purchasedAt = new DateTimeOffset(2026, 12, 4, 9, 0, 0, TimeSpan.FromHours(9)).AddSeconds(number % 36_000),
        lines = Enumerable.Range(1, Lines).Select(line => new
        {
            line,
            category = ((number + (line * line)) % Categories).ToString(CultureInfo.InvariantCulture),
            quantity = 1 + (number % 3),
            unitPrice = 98 + (100 * line),
            markdown = "no",
        }),
        campaigns = Enumerable.Range(1, number % (Others + 1)).Select(Id),
        customer = (number / 2).ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>Each two have a category in common.</summary>
    private static object Campaign(int campaign) => new
    {
        title = "とうふ",
        discount = new { type = "percent", value = 10 + campaign },
        items = new { categories = new[] { $"{campaign}", $"{campaign + 1}" } },
        startsAt = "2026-12-01T00:00:00+09:00",
        endsAt = "2027-01-01T00:00:00+09:00",
        conditions = new { minimumSpend = 500, weekdays = new[] { "fri" }, exclusiveGroup = campaign % 2 == 0 ? "weekend" : null },
        limits = new { totalUses = 1_000_000, totalYen = 1_000_000, perStoreYen = 500_000, perDayUses = 900_000 },
    };

    private static string Id(int campaign) => $"rehearsed-{campaign}";
}
