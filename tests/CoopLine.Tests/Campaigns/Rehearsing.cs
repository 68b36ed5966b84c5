using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CoopLine.Grains.Redemptions;
using CoopLine.Tests.Fixtures;
using CoopLine.Webhook.Staff;

namespace CoopLine.Tests.Campaigns;

/// <summary>A campaign is tried on baskets before anybody can use it. The clock stands at a Sunday, ten in the morning.</summary>
public sealed class Rehearsing(RunningSystem coop) : IClassFixture<RunningSystem>
{
    private const int Customers = 10;
    private const int PurchasesOfEach = 2;

    private static readonly string[] Stores = ["0123", "0456"];

    [Fact]
    public async Task What_is_rehearsed_is_what_tills_are_told_afterwards()
    {
        var random = Chance.New(out _);
        var conditions = new { exclusiveGroup = "weekend", minimumSpend = 300 };
        var draft = await Draft(Some.Campaign(
            type: "percent", value: 10, conditions: conditions,
            limits: new { totalYen = 120, perStoreUses = 4, perStore = new Dictionary<string, object> { ["0456"] = new { uses = 2 } } }));
        var other = await coop.Publish(Some.Campaign(value: 19, conditions: conditions, limits: new { perDayUses = 5 }));
        var purchases = Enumerable.Range(0, Customers * PurchasesOfEach).Select(number => (
            Customer: number / PurchasesOfEach,
            Store: Stores[random.Next(Stores.Length)],
            Lines: (object[])
            [
                Sale.Line(1, quantity: random.Next(1, 4)),
                Sale.Line(2, unitPrice: random.Next(1, 400), markdown: random.Next(2) == 0 ? "yes" : "no"),
            ])).ToArray();
        random.Shuffle(purchases);

        var rehearsed = await Rehearse(draft, purchases.Select(one => (object)new
        {
            store = one.Store,
            purchasedAt = coop.At(),
            lines = one.Lines,
            campaigns = new[] { other },
            customer = $"{one.Customer}",
        }));

        Assert.Equal("draft", (await Read(draft)).GetProperty("status").GetString());
        using var published = await coop.Staff().PostAsync($"/staff/v1/campaigns/{draft}/publish", null);
        Assert.Equal(HttpStatusCode.OK, published.StatusCode);
        var phones = (await Task.WhenAll(Enumerable.Range(0, Customers).Select(_ => coop.LinkedFriend()))).Select(friend => friend.Phone).ToArray();
        var sales = new List<Sale>();
        foreach (var one in purchases) sales.Add(coop.Sale(await coop.ShowCode(phones[one.Customer], draft, other), one.Store, one.Lines));
        var refusals = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var sale in sales)
        {
            foreach (var refusal in (await coop.Redeem(sale, sale.Store)).Refusals.Where(one => one.StartsWith(draft, StringComparison.Ordinal)))
                refusals[refusal[(draft.Length + 2)..]] = refusals.GetValueOrDefault(refusal[(draft.Length + 2)..]) + 1;
        }

        var (used, tried) = ((await Read(draft)).GetProperty("used"), rehearsed.GetProperty("used"));
        foreach (var what in (string[])["uses", "yen", "byStore"])
            Assert.True(JsonElement.DeepEquals(used.GetProperty(what), tried.GetProperty(what)), $"{rehearsed} instead of {used}");
        Assert.Equal(JsonSerializer.Serialize(refusals), rehearsed.GetProperty("refusals").GetRawText());
    }

    [Fact]
    public async Task It_tells_uses_refusals_clashes_and_the_moments_at_which_limits_were_reached()
    {
        var draft = await Draft(InDecember(30, new { totalUses = 3, perStoreUses = 2 }));
        var larger = await coop.Publish(InDecember(50));

        var report = await Rehearse(
            draft,
            [
                Basket("0123", "2026-11-19T23:59"), // a minute too early, two weeks later
                Basket("0123", "2026-11-20T10:00"),
                Basket("0123", "2026-11-21T09:00", 1, larger), // one unit, and the other coupon gives more
                Basket("0123", "2026-11-21T10:00", 2, larger),
                Basket("0123", "2026-11-21T12:00"), // the store has given its two
                Basket("0456", "2026-11-21T13:00", 1, Some.CampaignId()),
                Basket("0456", "2026-11-21T14:00"), // and the campaign all
                Basket("0456", "2026-11-22T10:00"), // on a day that nobody asked for
            ],
            "?shiftDays=14&from=2026-11-19&until=2026-11-22");

        var expected = JsonSerializer.SerializeToElement(new
        {
            campaign = draft,
            version = 1,
            baskets = 7,
            used = new
            {
                uses = 3,
                yen = 90,
                byStore = new Dictionary<string, object> { ["0123"] = new { uses = 2, yen = 60 }, ["0456"] = new { uses = 1, yen = 30 } },
                byDay = new Dictionary<string, object> { ["2026-12-04"] = new { uses = 1, yen = 30 }, ["2026-12-05"] = new { uses = 2, yen = 60 } },
            },
            refusals = new { notStarted = 1, soldOut = 2, takenByAnother = 1 },
            clashes = new[] { new { campaign = larger, baskets = 1, givenWay = 1 } },
            limitsReached = new[]
            {
                new { limit = "store", of = (string?)"0123", day = "2026-12-05", at = "2026-12-05T10:00:00+09:00" },
                new { limit = "total", of = (string?)null, day = "2026-12-05", at = "2026-12-05T13:00:00+09:00" },
            },
        });
        Assert.True(JsonElement.DeepEquals(expected, report), $"{report} instead of {expected}");
    }

    [Fact]
    public async Task Other_drafts_can_be_shown_beside_it_and_one_of_a_group_gives_way()
    {
        var draft = await Draft(InDecember(30, conditions: new { exclusiveGroup = "weekend" }));
        var beside = await Draft(InDecember(20, conditions: new { exclusiveGroup = "weekend" }));

        var report = await Rehearse(draft, [Basket("0123", "2026-12-04T10:00", 2), Basket("0123", "2026-12-04T11:00", 1)], $"?beside={beside}");

        Assert.Equal(2, report.GetProperty("used").GetProperty("uses").GetInt32());
        Assert.Equal($$"""[{"campaign":"{{beside}}","baskets":2,"givenWay":0}]""", report.GetProperty("clashes").GetRawText());
    }

    [Fact]
    public async Task The_yen_that_are_left_but_too_few_reach_a_limit_too()
    {
        var draft = await Draft(InDecember(30, new { totalYen = 50, perDayUses = 100 }));

        var report = await Rehearse(draft, [Basket("0123", "2026-12-04T10:00"), Basket("0456", "2026-12-04T11:00")]);

        Assert.Equal("""{"soldOut":1}""", report.GetProperty("refusals").GetRawText());
        Assert.Equal(
            """[{"limit":"total","of":null,"day":"2026-12-04","at":"2026-12-04T11:00:00+09:00"}]""", report.GetProperty("limitsReached").GetRawText());
    }

    [Fact]
    public async Task Somebody_who_buys_twice_uses_it_once()
    {
        var draft = await Draft(InDecember(30));
        object Basket(string? customer, string business) => new
        {
            store = "0123",
            purchasedAt = "2026-12-04T10:00:00+09:00",
            lines = new[] { Sale.Line() },
            customer,
            businesses = new[] { business },
        };

        var report = await Rehearse(draft, [Basket("a", "store"), Basket("a", "store"), Basket("b", "store"), Basket(null, "store"), Basket(null, "store")]);
        var forHomes = await Rehearse(await Draft(InDecember(30, businesses: ["home"])), [Basket("a", "store"), Basket("a", "home")]);

        Assert.Equal(4, report.GetProperty("used").GetProperty("uses").GetInt32());
        Assert.Equal("""{"alreadyUsed":1}""", report.GetProperty("refusals").GetRawText());
        Assert.Equal("""{"notInAudience":1}""", forHomes.GetProperty("refusals").GetRawText());
    }

    [Fact]
    public async Task Lines_may_end_as_on_Windows_and_the_last_one_not_at_all()
    {
        var draft = await Draft(InDecember(30));
        var basket = JsonSerializer.Serialize(Basket("0123", "2026-12-04T10:00"));

        using var response = await Post(draft, $"{basket}\r\n\n\r\n{basket}\n{basket}", type: "application/x-ndjson");

        Assert.Equal(3, (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("baskets").GetInt32());
    }

    [Theory]
    [InlineData("""{"store":"0123"}""", "PurchasedAt")]
    [InlineData("""{"store":"あ","purchasedAt":"2026-12-04T10:00:00+09:00","lines":[{"line":1,"jan":"1","quantity":1,"unitPrice":1}]}""", "store")]
    [InlineData("""{"store":"0123","purchasedAt":"2026-12-04","lines":[{"line":1,"jan":"1","quantity":1,"unitPrice":1}]}""", "time with its offset")]
    [InlineData("""{"store":"0123","purchasedAt":"2026-12-04T10:00:00+09:00","lines":[]}""", "Lines")]
    [InlineData("""{"store":"0123","purchasedAt":"2026-12-04T10:00:00+09:00","lines":[null]}""", "object")]
    [InlineData("""{"store":"0123","purchasedAt":"2026-12-04T10:00:00+09:00","lines":[{"line":1}]}""", "Quantity")]
    [InlineData("""{"store":"0123","purchasedAt":"2026-12-04T10:00:00+09:00","lines":[{"line":1,"quantity":1,"unitPrice":1},{"line":1,"quantity":1,"unitPrice":1}]}""", "twice")]
    [InlineData("""{"store":"0123","purchasedAt":"2026-12-04T10:00:00+09:00","lines":[{"line":1,"quantity":1,"unitPrice":1}],"code":"1"}""", "$.code")]
    [InlineData("""{"store":"0123","purchasedAt":"2026-12-04T10:00:00+09:00","lines":[{"line":1,"quantity":1,"unitPrice":1}],"campaigns":["A"]}""", "Campaigns")]
    [InlineData("""{"store":"0123","purchasedAt":"1999-01-01T00:00:00+09:00","lines":[{"line":1,"quantity":1,"unitPrice":1}]}""", "years")]
    [InlineData("""{"store":"0123","purchasedAt":"2100-01-02T00:00:00+09:00","lines":[{"line":1,"quantity":1,"unitPrice":1}]}""", "years")]
    [InlineData("""{"store":"0123","purchasedAt":"2026-12-04T10:00:00+09:00","businessDate":"9999-12-31","lines":[{"line":1,"quantity":1,"unitPrice":1}]}""", "366 days")]
    [InlineData("""{"store":"0123","purchasedAt":"2026-12-04T10:00:00+09:00","lines":[{"line":1,"quantity":1,"unitPrice":1}]} {}""", "at its end")]
    [InlineData("null", "object")]
    [InlineData("{", "no basket")]
    public async Task A_line_that_is_no_basket_is_named(string line, string why)
    {
        var draft = await Draft(InDecember(30));

        using var response = await Post(draft, $"{JsonSerializer.Serialize(Basket("0123", "2026-12-04T10:00"))}\n{line}\n");

        Assert.Contains(why, await response.AssertBad("line 2"), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Lines_without_anything_do_not_go_on_for_ever()
    {
        using var response = await Post(await Draft(InDecember(30)), new string('\n', 1_000_001));

        Assert.Contains("1,000,000", await response.AssertBad("line 1000001"));
    }

    [Fact]
    public async Task A_line_without_end_is_refused_before_it_is_whole()
    {
        using var response = await Post(await Draft(InDecember(30)), new string(' ', 1_000_000));

        Assert.Contains("262,144", await response.AssertBad("line 1"));
    }

    [Fact]
    public async Task What_cannot_be_is_refused()
    {
        var draft = await Draft(InDecember(30));
        foreach (var (query, field) in new[]
                 {
                     ("?shiftdays=1", "parameter"), ("?from=2026", "from"), ("?until=x", "until"), ("?shiftDays=99999", "shiftDays"),
                     ($"?shiftDays={int.MinValue}", "shiftDays"), ($"?beside={draft}", "beside"), ($"?beside={Some.CampaignId()}", "beside"),
                 })
        {
            using var bad = await Post(draft, "", query);
            await bad.AssertBad(field);
        }

        using var crowd = await Post(draft, "", "?" + string.Join("&", Enumerable.Range(0, 21).Select(_ => "beside=" + Some.CampaignId())));
        Assert.Contains("At most 20", await crowd.AssertBad("beside"));
        using var unknown = await Post(Some.CampaignId(), "");
        await unknown.AssertProblem(HttpStatusCode.NotFound);
        using var json = await Post(draft, "[]", type: "application/json");
        await json.AssertProblem(HttpStatusCode.UnsupportedMediaType);
        foreach (var body in (string?[])[null, "", "\n"])
        {
            using var none = await Post(draft, body);
            Assert.Equal("urn:coopline:no-baskets", (await none.AssertProblem(HttpStatusCode.Conflict)).GetProperty("type").GetString());
        }
    }

    [Fact]
    public async Task One_runs_at_a_time()
    {
        var draft = await Draft(InDecember(30));
        var line = JsonSerializer.Serialize(Basket("0123", "2026-12-04T10:00"));
        using (coop.Host.Services.GetRequiredService<RehearsalTurn>().Take())
        {
            using var refused = await Post(draft, line);
            var problem = await refused.AssertProblem(HttpStatusCode.Conflict);
            Assert.Equal("urn:coopline:rehearsal-running", problem.GetProperty("type").GetString());
        }

        // Whoever had the turn gives it back, also one who sent what cannot be read.
        foreach (var (body, status) in new[] { ("{", HttpStatusCode.BadRequest), (line, HttpStatusCode.OK), (line, HttpStatusCode.OK) })
        {
            using var answer = await Post(draft, body);
            Assert.Equal(status, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Recorded_baskets_are_the_newest_say_nothing_of_the_member_and_can_be_rehearsed_on()
    {
        await using var recording = new RunningSystem { Also = { ["CoopLine:RecordedBaskets"] = "3" } };
        await recording.InitializeAsync();
        var (phone, member) = await recording.LinkedFriend();
        var tofu = await recording.Publish();
        var other = await recording.Publish();
        var codes = new List<string>();
        for (var quantity = 2; quantity < 5; quantity++) await Refuse(quantity);
        var (sale, _) = await recording.Use(phone, tofu);
        await recording.Redeem(sale); // a replay is no purchase
        await recording.Redeem(recording.Sale(await recording.ShowCode(phone, other)), what: "evaluations");
        await Refuse(quantity: 5);

        async Task Refuse(int quantity)
        {
            codes.Add(await recording.ShowCode(phone, other));
            var refused = recording.Sale(
                codes[^1], purchased: TimeSpan.FromSeconds(quantity), lines: [Sale.Line(quantity: quantity, markdown: "yes")]);
            Assert.Equal("refused", (await recording.Redeem(refused)).Outcome);
        }

        var baskets = recording.Host.Services.GetRequiredService<IBaskets>();
        List<Basket> kept = [];
        await Eventually.Holds(
            async () =>
            {
                kept = await baskets.Recorded(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
                return kept.Select(one => one.Lines.Single().Quantity).SequenceEqual([4, 2, 5]);
            },
            () => $"the newest three are kept: {string.Join(", ", kept.Select(one => one.Lines[0].Quantity))}");

        Assert.All(kept, one => Assert.Equal(("0123", 0, null), (one.Store, one.PurchasedAt.Second, one.Customer)));
        Assert.Equal([other, tofu, other], kept.SelectMany(one => one.Campaigns));
        var stored = JsonSerializer.Serialize(kept);
        Assert.All((string[])[member.Number, phone.UserId, sale.Path.Split('/')[^1], .. codes], secret => Assert.DoesNotContain(secret, stored));

        var draft = Some.CampaignId();
        using var put = await recording.Staff().PutAsJsonAsync($"/staff/v1/campaigns/{draft}", Some.Campaign(limits: new { totalUses = 2 }));
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        using var response = await recording.Staff().PostAsync($"/staff/v1/campaigns/{draft}/rehearsal", null);
        var report = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(3, report.GetProperty("baskets").GetInt32());
        Assert.Equal("""{"markedDown":2}""", report.GetProperty("refusals").GetRawText());

        recording.Also["CoopLine:RecordedBaskets"] = "0";
        await recording.Restart();
        await Eventually.Holds(
            async () =>
            {
                using var none = await recording.Staff().PostAsync($"/staff/v1/campaigns/{draft}/rehearsal", null);
                return none.StatusCode == HttpStatusCode.Conflict;
            },
            "what was recorded goes when recording is off");
    }

    private static object InDecember(int value, object? limits = null, object? conditions = null, string[]? businesses = null) => Some.Campaign(
        value, startsAt: "2026-12-04T00:00:00+09:00", endsAt: "2026-12-06T00:00:00+09:00", limits: limits, conditions: conditions, businesses: businesses);

    private static object Basket(string store, string at, int units = 1, params string[] campaigns) =>
        new { store, purchasedAt = at + ":00+09:00", lines = new[] { Sale.Line(quantity: units) }, campaigns };

    private async Task<string> Draft(object definition)
    {
        var id = Some.CampaignId();
        using var put = await coop.Staff().PutAsJsonAsync($"/staff/v1/campaigns/{id}", definition);
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        return id;
    }

    private Task<JsonElement> Read(string campaign) => coop.Staff().GetFromJsonAsync<JsonElement>($"/staff/v1/campaigns/{campaign}");

    private async Task<JsonElement> Rehearse(string campaign, IEnumerable<object> baskets, string query = "")
    {
        using var response = await Post(campaign, string.Join('\n', baskets.Select(basket => JsonSerializer.Serialize(basket))), query);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private Task<HttpResponseMessage> Post(string campaign, string? lines, string query = "", string type = "application/jsonl") =>
        coop.Staff().PostAsync(
            $"/staff/v1/campaigns/{campaign}/rehearsal{query}",
            lines is null ? null : new StringContent(lines, Encoding.UTF8, MediaTypeHeaderValue.Parse(type)));
}
