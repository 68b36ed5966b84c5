using System.Net;
using System.Text.Json;
using CoopLine.Grains;
using CoopLine.Grains.Storage;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Campaigns;

/// <summary>Staff define, publish, stop and change campaigns.</summary>
[Collection(typeof(CouponHost))]
public sealed class Campaigns_over_HTTP(RunningSystem coop)
{
    [Fact]
    public async Task A_definition_comes_back_as_it_was_sent()
    {
        var id = Some.CampaignId();
        var sent = new
        {
            title = "とうふ",
            description = "もめん",
            discount = new { type = "percent", value = 20 },
            items = new { jans = new[] { "4901234567894" }, janPrefixes = new[] { "49023" }, categories = new[] { "1201" } },
            stores = new[] { "0123" },
            businesses = new[] { "store", "home", "group" },
            startsAt = "2026-11-01T00:00:00+09:00",
            endsAt = "2026-11-30T15:00:00Z",
            unknownMarkdown = "allow",
        };

        var put = await Put(id, sent);
        var read = await coop.Staff().GetFromJsonAsync<JsonElement>($"/staff/v1/campaigns/{id}");

        Assert.Equal($"{put.GetRawText()[..^1]},\"used\":{read.GetProperty("used").GetRawText()}}}", read.GetRawText());
        Assert.Equal(id, read.GetProperty("id").GetString());
        Assert.Equal(1, read.GetProperty("version").GetInt32());
        Assert.Equal("draft", read.GetProperty("status").GetString());
        var expected = JsonSerializer.SerializeToElement(sent);
        foreach (var name in new[] { "title", "description", "discount", "items", "stores", "businesses", "startsAt", "unknownMarkdown" })
            Assert.True(JsonElement.DeepEquals(expected.GetProperty(name), read.GetProperty(name)), name);
        Assert.Equal("2026-12-01T00:00:00+09:00", read.GetProperty("endsAt").GetString());
    }

    [Fact]
    public async Task A_new_body_is_a_new_version_and_the_same_body_is_not()
    {
        var id = Some.CampaignId();
        await Put(id, Some.Campaign());

        var same = await Put(id, Some.Campaign());
        var changed = await Put(id, Some.Campaign(value: 40));

        Assert.Equal(1, same.GetProperty("version").GetInt32());
        Assert.Equal(2, changed.GetProperty("version").GetInt32());
        Assert.Equal(40, changed.GetProperty("discount").GetProperty("value").GetInt32());
        Assert.Equal(2, await Rows($"kind=campaignDefined&campaign={id}"));
    }

    [Fact]
    public async Task A_stop_that_was_written_without_a_confirmation_and_sent_again_is_seen_at_once()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        Assert.Contains(tofu, (await coop.Available(phone)).Campaigns("usable"));
        coop.Faults.Order(StateNames.Campaign, Fault.AfterTheCommit, key: GrainKeys.CampaignKey(tofu));

        var stopped = await Answered.To(() => coop.Staff().PostAsync($"/staff/v1/campaigns/{tofu}/stop", null));

        Assert.Equal(HttpStatusCode.OK, stopped.Status);
        Assert.DoesNotContain(tofu, (await coop.Available(phone)).Campaigns("usable"));
    }

    [Fact]
    public async Task A_published_campaign_can_change_until_its_first_use_and_the_ledger_says_which_version_decided()
    {
        var (phone, _) = await coop.LinkedFriend();
        var id = await coop.Publish();
        await Put(id, Some.Campaign(value: 50));

        var (sale, answer) = await coop.Use(phone, id);

        Assert.Equal([$"{id} on 1: 50"], answer.Discounts);
        var page = await coop.Staff().GetFromJsonAsync<JsonElement>($"/staff/v1/ledger?receipt={sale.Key}");
        Assert.Equal(2, page.GetProperty("rows")[0].GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task Each_version_is_told_with_who_defined_it_and_the_uses_that_stand_and_that_it_decided()
    {
        var id = Some.CampaignId();
        await Put(id, Some.Campaign());
        var first = Now();
        coop.Clock.Advance(TimeSpan.FromSeconds(1));
        await Put(id, Some.Campaign(value: 50, limits: new { totalUses = 9 }));
        var second = Now();
        await Post(id, "publish");
        foreach (var _ in new[] { 1, 2 }) await coop.Use((await coop.LinkedFriend()).Phone, id);
        var (voided, _) = await coop.Use((await coop.LinkedFriend()).Phone, id);
        await coop.Void(voided);
        coop.Clock.Advance(TimeSpan.FromSeconds(1));
        await Put(id, Some.Campaign(value: 50, limits: new { totalUses = 10 }));
        var third = Now();
        await coop.Use((await coop.LinkedFriend()).Phone, id);

        var versions = await coop.Staff().GetStringAsync($"/staff/v1/campaigns/{id}/versions");

        Assert.Equal(
            $$$"""
            {"versions":[
            {"version":1,"definedAt":{{{first}}},"definedBy":"tester","uses":0,"definition":{{{Offer(30)}}}},
            {"version":2,"definedAt":{{{second}}},"definedBy":"tester","uses":2,"definition":{{{Offer(50, Limit(9))}}}},
            {"version":3,"definedAt":{{{third}}},"definedBy":"tester","uses":1,"definition":{{{Offer(50, Limit(10))}}}}]}
            """.ReplaceLineEndings(""),
            versions);

        string Now() => JsonSerializer.Serialize(coop.Clock.GetUtcNow().ToOffset(TimeSpan.FromHours(9)));

        static string Limit(int uses) => $$"""
            "limits":{"totalUses":{{uses}},"totalYen":null,"perStoreUses":null,"perStoreYen":null,"perStore":null,"perDayUses":null,"perDayYen":null},
            """;

        static string Offer(int yen, string limits = "") => $$"""
            {"title":"とうふ","description":"もめん・きぬ","discount":{"type":"yen","value":{{yen}}},
            "items":{"jans":["4901234567894"],"janPrefixes":[],"categories":[]},"stores":null,"businesses":null,
            "startsAt":"2026-11-01T00:00:00+09:00","endsAt":"2026-12-01T00:00:00+09:00","unknownMarkdown":"refuse",
            {{limits}}"issuedTo":"all"}
            """;
    }

    [Fact]
    public async Task After_the_first_use_only_the_same_body_is_taken_also_when_the_use_was_voided()
    {
        var (phone, _) = await coop.LinkedFriend();
        var id = await coop.Publish();
        var (sale, _) = await coop.Use(phone, id);
        await coop.Void(sale);

        using var changed = await coop.Staff().PutAsJsonAsync($"/staff/v1/campaigns/{id}", Some.Campaign(value: 40));
        var problem = await changed.AssertProblem(HttpStatusCode.Conflict);
        var same = await Put(id, Some.Campaign());

        Assert.Equal("urn:coopline:campaign-frozen", problem.GetProperty("type").GetString());
        Assert.Equal(1, same.GetProperty("version").GetInt32());
        Assert.Equal("published", same.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Publish_and_stop_can_be_repeated_and_each_change_is_in_the_ledger_once()
    {
        var id = Some.CampaignId();
        await Put(id, Some.Campaign());
        Assert.Equal("published", (await Post(id, "publish")).GetProperty("status").GetString());
        Assert.Equal("published", (await Post(id, "publish")).GetProperty("status").GetString());
        coop.Clock.Advance(TimeSpan.FromSeconds(1));

        var stopped = await Post(id, "stop");
        coop.Clock.Advance(TimeSpan.FromSeconds(1));
        var again = await Post(id, "stop");
        var published = await Post(id, "publish");

        Assert.Equal("stopped", stopped.GetProperty("status").GetString());
        Assert.Equal(stopped.GetProperty("stoppedAt").GetString(), again.GetProperty("stoppedAt").GetString());
        Assert.False(published.TryGetProperty("stoppedAt", out _));
        Assert.Equal(2, await Rows($"kind=campaignPublished&campaign={id}"));
        Assert.Equal(1, await Rows($"kind=campaignStopped&campaign={id}"));
    }

    [Fact]
    public async Task Published_and_stopped_twice_within_a_moment_is_four_rows_all_the_same()
    {
        var id = await coop.Publish();
        await Post(id, "stop");
        await Post(id, "publish");
        await Post(id, "stop");

        Assert.Equal(2, await Rows($"kind=campaignPublished&campaign={id}"));
        Assert.Equal(2, await Rows($"kind=campaignStopped&campaign={id}"));
    }

    [Fact]
    public async Task The_list_has_drafts_and_stopped_ones_too()
    {
        var draft = Some.CampaignId();
        await Put(draft, Some.Campaign());
        var stopped = await coop.Publish();
        await Post(stopped, "stop");

        var all = await coop.Staff().GetFromJsonAsync<JsonElement>("/staff/v1/campaigns");

        var ids = all.GetProperty("campaigns").EnumerateArray().Select(one => one.GetProperty("id").GetString()).ToArray();
        Assert.Contains(draft, ids);
        Assert.Contains(stopped, ids);
        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
    }

    [Fact]
    public async Task A_store_that_is_not_in_the_settings_is_refused_and_without_settings_any_may_be_meant()
    {
        var settings = new Dictionary<string, string?>(coop.Settings("coopline-stores"))
        {
            ["CoopLine:Stores:0123"] = "みどり店",
            ["CoopLine:Stores:0456"] = "さくら店",
        };
        await using var named = await Fixtures.Host.Start(settings, coop.Clock);
        var id = Some.CampaignId();

        using var refused = await coop.Staff(named).PutAsJsonAsync($"/staff/v1/campaigns/{id}", Some.Campaign(stores: ["0456", "9999"]));
        Assert.Contains("9999", await refused.AssertBad("stores"), StringComparison.Ordinal);
        using var unread = await coop.Staff(named).GetAsync($"/staff/v1/campaigns/{id}");
        await unread.AssertProblem(HttpStatusCode.NotFound);
        using var taken = await coop.Staff(named).PutAsJsonAsync($"/staff/v1/campaigns/{id}", Some.Campaign(stores: ["0456"]));
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        await Put(Some.CampaignId(), Some.Campaign(stores: ["9999"]));
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("GET", "/versions")]
    [InlineData("POST", "/publish")]
    [InlineData("POST", "/stop")]
    public async Task An_unknown_campaign_is_404(string method, string what)
    {
        foreach (var id in new[] { "no-such-campaign", "NO SUCH" })
        {
            using var request = new HttpRequestMessage(new(method), $"/staff/v1/campaigns/{Uri.EscapeDataString(id)}{what}");
            using var response = await coop.Staff().SendAsync(request);
            await response.AssertProblem(HttpStatusCode.NotFound);
        }
    }

    private async Task<JsonElement> Put(string id, object body)
    {
        using var response = await coop.Staff().PutAsJsonAsync($"/staff/v1/campaigns/{id}", body);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<JsonElement> Post(string id, string what)
    {
        using var response = await coop.Staff().PostAsync($"/staff/v1/campaigns/{id}/{what}", null);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<int> Rows(string query) =>
        (await coop.Staff().GetFromJsonAsync<JsonElement>($"/staff/v1/ledger?{query}")).GetProperty("rows").GetArrayLength();
}
