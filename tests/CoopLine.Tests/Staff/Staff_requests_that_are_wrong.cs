using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Staff;

/// <summary>Bad input from staff gets a clear answer, and nothing changes.</summary>
[OneDatabase]
[Collection(typeof(RequestHost))]
public sealed class Staff_requests_that_are_wrong(RunningSystem coop)
{
    [Theory]
    [InlineData("title", "null", "title")]
    [InlineData("title", "\" \"", "title")]
    [InlineData("title", "\"と\\u0000うふ\"", "title")]
    [InlineData("title", "\"とうふ\\n\"", "title")]
    [InlineData("description", "\"とうふ\\u0000\"", "description")]
    [InlineData("description", "\"とうふ\\u001b\"", "description")]
    [InlineData("discount", "null", "discount")]
    [InlineData("discount.type", "\"points\"", "discount.type")]
    [InlineData("discount.value", "null", "discount.value")]
    [InlineData("discount.value", "0", "discount.value")]
    [InlineData("discount.value", "-30", "discount.value")]
    [InlineData("discount.value", "10000000", "discount.value")]
    [InlineData("discount", """{"type":"percent","value":101}""", "discount.value")]
    [InlineData("discount", """{"type":"price","value":-1}""", "discount.value")]
    [InlineData("discount.value", "\"30\"", "discount.value")]
    [InlineData("items", "null", "items")]
    [InlineData("items", "{}", "items.jans")]
    [InlineData("items.jans", "[]", "items.jans")]
    [InlineData("items.jans", """["4901234567895"]""", "items.jans")]
    [InlineData("items.jans", "[null]", "items.jans")]
    [InlineData("items", """{"janPrefixes":["49a"]}""", "items.janPrefixes")]
    [InlineData("items", """{"categories":[""]}""", "items.categories")]
    [InlineData("items", """{"categories":["12\u00003"]}""", "items.categories")]
    [InlineData("stores", "[]", "stores")]
    [InlineData("stores", """["01 23"]""", "stores")]
    [InlineData("businesses", "[]", "businesses")]
    [InlineData("businesses", """["post"]""", "businesses")]
    [InlineData("startsAt", "\"2026-11-01\"", "startsAt")]
    [InlineData("startsAt", "\"0001-01-02T00:00:00+09:00\"", "startsAt")]
    [InlineData("startsAt", "\"1999-12-31T23:59:59Z\"", "startsAt")]
    [InlineData("endsAt", "\"2100-01-01T00:00:01Z\"", "endsAt")]
    [InlineData("endsAt", "\"9999-12-31T23:59:59Z\"", "endsAt")]
    [InlineData("endsAt", "null", "endsAt")]
    [InlineData("endsAt", "\"2026-11-01T00:00:00+09:00\"", "endsAt")]
    [InlineData("unknownMarkdown", "\"ask\"", "unknownMarkdown")]
    [InlineData("picture", "\"tofu.jpg\"", "picture")]
    [InlineData("picture", "\"http://pictures.coop.example/tofu.jpg\"", "picture")]
    [InlineData("picture", "\"https://user@pictures.coop.example/tofu.jpg\"", "picture")]
    [InlineData("picture", "\"https://elsewhere.example/tofu.jpg\"", "picture")]
    [InlineData("picture", "\"javascript:alert(1)\"", "picture")]
    public async Task A_campaign_with_a_bad_field_is_refused_by_its_name(string path, string value, string field)
    {
        var id = Some.CampaignId();
        var body = JsonSerializer.SerializeToNode(Some.Campaign())!.AsObject();
        JsonNode at = body;
        var steps = path.Split('.');
        foreach (var step in steps[..^1]) at = at[step]!;
        at[steps[^1]] = JsonNode.Parse(value);

        using var refused = await Send("PUT", $"/staff/v1/campaigns/{id}", body.ToJsonString());
        await refused.AssertBad(field);

        using var read = await coop.Staff().GetAsync($"/staff/v1/campaigns/{id}");
        await read.AssertProblem(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("TOFU")]
    [InlineData("tofu_1")]
    [InlineData("とうふ")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345")]
    public async Task A_campaign_id_has_small_letters_digits_and_hyphens(string id)
    {
        using var refused = await coop.Staff().PutAsJsonAsync($"/staff/v1/campaigns/{Uri.EscapeDataString(id)}", Some.Campaign());

        await refused.AssertBad("id");
    }

    [Theory]
    [InlineData("PUT", "/staff/v1/campaigns/broken")]
    [InlineData("POST", "/staff/v1/members/100000001/unlink")]
    [InlineData("POST", "/staff/v1/members/100000001/erase")]
    [InlineData("POST", "/staff/v1/receipts/2026-11-22/0123/05/999999/restore")]
    public async Task What_is_no_JSON_object_is_a_400(string method, string path)
    {
        foreach (var body in new[] { "", "{", "null", "[]", "{}", "1" })
        {
            using var response = await Send(method, path, body);
            await response.AssertProblem(HttpStatusCode.BadRequest);
        }
    }

    [Theory]
    [InlineData("""{"reason":"機種変更"}""", "identityCheck")]
    [InlineData("""{"identityCheck":"組合員証"}""", "reason")]
    [InlineData("""{"reason":" ","identityCheck":"組合員証"}""", "reason")]
    [InlineData("""{"reason":1,"identityCheck":"組合員証"}""", "reason")]
    [InlineData("""{"reason":"機種\u0000変更","identityCheck":"組合員証"}""", "reason")]
    [InlineData("""{"reason":"機種変更","identityCheck":"組合員証\u0000"}""", "identityCheck")]
    [InlineData("""{"reason":"機種変更","identityCheck":"\u0007組合員証"}""", "identityCheck")]
    public async Task Unlinking_needs_a_reason_and_how_identity_was_checked(string body, string field)
    {
        var (_, member) = await coop.LinkedFriend();

        using var refused = await Send("POST", $"/staff/v1/members/{member.Number}/unlink", body);

        await refused.AssertBad(field);
        var read = await coop.Staff().GetFromJsonAsync<JsonElement>($"/staff/v1/members/{member.Number}");
        Assert.Equal(JsonValueKind.Object, read.GetProperty("link").ValueKind);
    }

    [Fact]
    public async Task A_reason_of_more_than_500_characters_is_refused()
    {
        var (_, member) = await coop.LinkedFriend();

        using var refused = await coop.Staff().PostAsJsonAsync(
            $"/staff/v1/members/{member.Number}/unlink", new { reason = new string('あ', 501), identityCheck = "組合員証" });

        await refused.AssertBad("reason");
    }

    [Theory]
    [InlineData("""{"campaign":"tofu"}""", "reason")]
    [InlineData("""{"reason":"打ち間違い"}""", "campaign")]
    [InlineData("""{"campaign":"TOFU","reason":"打ち間違い"}""", "campaign")]
    [InlineData("""{"campaign":"tofu\u0000","reason":"打ち間違い"}""", "campaign")]
    [InlineData("""{"campaign":"tofu","reason":"打ち\u0000間違い"}""", "reason")]
    public async Task Restoring_needs_a_campaign_and_a_reason(string body, string field)
    {
        var (phone, _) = await coop.LinkedFriend();
        var (sale, _) = await coop.Use(phone, await coop.Publish());

        using var refused = await Send("POST", $"/staff/v1/receipts/{sale.Key}/restore", body);

        await refused.AssertBad(field);
        Assert.Single(await coop.LedgerOf(sale));
    }

    [Fact]
    public async Task Member_numbers_that_are_none_unknown_or_without_a_link_are_told_apart()
    {
        var member = await coop.NewMember();
        var unlink = new { reason = "機種変更", identityCheck = "組合員証" };

        using var none = await coop.Staff().GetAsync("/staff/v1/members/12a4");
        await none.AssertBad("number");
        using var unknown = await coop.Staff().GetAsync("/staff/v1/members/999999999");
        await unknown.AssertProblem(HttpStatusCode.NotFound);
        using var unlinkUnknown = await coop.Staff().PostAsJsonAsync("/staff/v1/members/999999999/unlink", unlink);
        await unlinkUnknown.AssertProblem(HttpStatusCode.NotFound);
        using var clearUnknown = await coop.Staff().PostAsync("/staff/v1/members/999999999/locks/clear", null);
        await clearUnknown.AssertProblem(HttpStatusCode.NotFound);
        using var notLinked = await coop.Staff().PostAsJsonAsync($"/staff/v1/members/{member.Number}/unlink", unlink);
        await notLinked.AssertProblem(HttpStatusCode.Conflict);
        var known = await coop.Staff().GetFromJsonAsync<JsonElement>($"/staff/v1/members/{member.Number}");
        Assert.True(known.GetProperty("known").GetBoolean());
    }

    [Theory]
    [InlineData("GET", "/staff/v1/members/100000001")]
    [InlineData("POST", "/staff/v1/members/100000001/unlink")]
    [InlineData("POST", "/staff/v1/members/100000001/locks/clear")]
    [InlineData("GET", "/staff/v1/campaigns")]
    [InlineData("GET", "/staff/v1/campaigns/tofu/versions")]
    [InlineData("PUT", "/staff/v1/campaigns/tofu")]
    [InlineData("POST", "/staff/v1/campaigns/tofu/publish")]
    [InlineData("POST", "/staff/v1/campaigns/tofu/stop")]
    [InlineData("POST", "/staff/v1/receipts/2026-11-22/0123/05/000001/restore")]
    [InlineData("GET", "/staff/v1/ledger")]
    [InlineData("POST", "/staff/v1/registry/imports")]
    public async Task No_key_an_unknown_one_and_a_tills_key_are_401(string method, string path)
    {
        foreach (var key in new[] { null, "wrong", RunningSystem.TillKey("0123") })
        {
            using var http = new HttpClient { BaseAddress = coop.Host.Address };
            if (key is not null) http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + key);
            using var request = new HttpRequestMessage(new(method), path);
            using var response = await http.SendAsync(request);
            await response.AssertProblem(HttpStatusCode.Unauthorized);
        }
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=201", "limit")]
    [InlineData("kind=stolen", "kind")]
    [InlineData("kind=4", "kind")]
    [InlineData("receipt=000481", "receipt")]
    [InlineData("from=yesterday", "from")]
    [InlineData("until=2026-11-22", "until")]
    [InlineData("member=1%002", "member")]
    [InlineData("member=12a4", "member")]
    [InlineData("member=", "member")]
    [InlineData("campaign=%00", "campaign")]
    [InlineData("store=0123%00", "store")]
    [InlineData("traceId=%1f", "traceId")]
    [InlineData("receipt=2026-11-22/0123/05/%00", "receipt")]
    public async Task A_ledger_query_with_a_bad_value_is_refused_by_its_name(string query, string field)
    {
        using var response = await coop.Staff().GetAsync($"/staff/v1/ledger?{query}");

        await response.AssertBad(field);
    }

    [Theory]
    [InlineData("limit=many")]
    [InlineData("limit=99999999999")]
    [InlineData("before=first")]
    public async Task A_ledger_query_that_is_no_number_is_a_400(string query)
    {
        using var response = await coop.Staff().GetAsync($"/staff/v1/ledger?{query}");

        await response.AssertProblem(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_ledger_is_read_in_pages_newest_first_without_gaps_or_doubles()
    {
        var (phone, member) = await coop.LinkedFriend();
        var receipts = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            var (sale, _) = await coop.Use(phone, await coop.Publish());
            receipts.Insert(0, sale.Key);
        }

        var read = new List<string>();
        var pages = 0;
        for (long? before = null; pages == 0 || before is not null; pages++)
        {
            var page = await coop.Staff().GetFromJsonAsync<JsonElement>(
                $"/staff/v1/ledger?kind=used&member={member.Number}&limit=2{(before is null ? "" : $"&before={before}")}");
            read.AddRange(page.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("receipt").GetString()!));
            before = page.GetProperty("next").ValueKind == JsonValueKind.Null ? null : page.GetProperty("next").GetInt64();
        }

        Assert.Equal(receipts, read);
        Assert.Equal(3, pages);
        var exact = await coop.Staff().GetFromJsonAsync<JsonElement>($"/staff/v1/ledger?kind=used&member={member.Number}&limit=5");
        Assert.Equal(JsonValueKind.Null, exact.GetProperty("next").ValueKind);
        var largest = await coop.Staff().GetFromJsonAsync<JsonElement>("/staff/v1/ledger?limit=200");
        Assert.InRange(largest.GetProperty("rows").GetArrayLength(), 6, 200);
    }

    [Theory]
    [InlineData("from=0001-01-01T00:00:00Z")]
    [InlineData("until=9999-12-31T23:59:59.9999999Z")]
    [InlineData("before=-1")]
    public async Task A_ledger_query_at_the_end_of_time_is_answered(string query)
    {
        using var response = await coop.Staff().GetAsync($"/staff/v1/ledger?{query}");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Reasons_and_descriptions_may_have_lines()
    {
        var (_, member) = await coop.LinkedFriend();
        const string lines = "機種変更\r\n\t本人より電話";

        var campaign = JsonSerializer.SerializeToNode(Some.Campaign())!.AsObject();
        campaign["description"] = lines;
        await coop.Publish(campaign);
        using var unlinked = await coop.Staff().PostAsJsonAsync(
            $"/staff/v1/members/{member.Number}/unlink", new { reason = lines, identityCheck = lines });

        Assert.Equal(HttpStatusCode.OK, unlinked.StatusCode);
        var page = await coop.Staff().GetFromJsonAsync<JsonElement>($"/staff/v1/ledger?kind=unlinked&member={member.Number}");
        Assert.Equal(lines, Assert.Single(page.GetProperty("rows").EnumerateArray()).GetProperty("reason").GetString());
    }

    [Fact]
    public async Task The_ledger_is_found_by_time_start_inclusive_end_exclusive()
    {
        var (phone, member) = await coop.LinkedFriend();
        coop.Clock.Advance(TimeSpan.FromSeconds(1));
        var at = coop.Clock.GetUtcNow();
        await coop.Use(phone, await coop.Publish());

        Assert.Equal(1, await Rows(at, at.AddMilliseconds(1)));
        Assert.Equal(0, await Rows(at.AddMilliseconds(1), at.AddHours(1)));
        Assert.Equal(0, await Rows(at.AddMinutes(-1), at));

        async Task<int> Rows(DateTimeOffset from, DateTimeOffset until)
        {
            var page = await coop.Staff().GetFromJsonAsync<JsonElement>(
                $"/staff/v1/ledger?kind=used&member={member.Number}&from={Text(from)}&until={Text(until)}");
            return page.GetProperty("rows").GetArrayLength();
        }

        static string Text(DateTimeOffset at) => Uri.EscapeDataString(at.ToString("yyyy-MM-ddTHH:mm:ss.fffK", System.Globalization.CultureInfo.InvariantCulture));
    }

    private async Task<HttpResponseMessage> Send(string method, string path, string body)
    {
        using var request = new HttpRequestMessage(new(method), path)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        return await coop.Staff().SendAsync(request);
    }
}
