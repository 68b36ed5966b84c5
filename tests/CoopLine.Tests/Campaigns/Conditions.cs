using System.Net;
using System.Text.Json;
using CoopLine.Grains;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Campaigns;

/// <summary>What a campaign asks for, from the staff's call to the till's answer. The clock stands at a Sunday, ten in the morning.</summary>
[OneDatabase]
public sealed class Conditions(RunningSystem coop) : IClassFixture<RunningSystem>
{
    [Fact]
    public async Task What_is_too_little_says_how_much_is_missing()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish(Some.Campaign(conditions: new { minimumSpend = 500 }));
        var code = await coop.ShowCode(phone, tofu);

        var refusal = (await coop.Redeem(coop.Sale(code))).AssertRefused(tofu, "belowMinimum");

        Assert.Equal(104, refusal.GetProperty("missingYen").GetInt32());
        Assert.Contains("対象の商品のお買い上げがあと104円", refusal.GetProperty("message").GetString());
        Assert.Equal("redeemed", (await coop.Redeem(coop.Sale(code, lines: [Sale.Line(quantity: 3)]))).Outcome);
    }

    [Fact]
    public async Task The_receipt_s_sum_has_all_lines_in_it_also_those_that_no_coupon_can_be_used_on()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish(Some.Campaign(conditions: new { minimumSpend = 1000, minimumSpendOn = "receipt" }));
        var code = await coop.ShowCode(phone, tofu);
        object Weighed(decimal kilos) => new { line = 2, jan = "2012345678900", quantity = kilos, unitPrice = 1000 };

        (await coop.Redeem(coop.Sale(code, lines: [Sale.Line(1), Weighed(0.603m)]))).AssertRefused(tofu, "belowMinimum");
        Assert.Equal("redeemed", (await coop.Redeem(coop.Sale(code, lines: [Sale.Line(1), Weighed(0.604m)]))).Outcome);
    }

    [Theory]
    [InlineData("""{"weekdays":["fri","sat"]}""", "notToday", "金・土")]
    [InlineData("""{"hours":{"from":"10:30","to":"13:00"}}""", "notNow", "10:30")]
    public async Task On_another_day_or_at_another_hour_it_says_when_it_is(string conditions, string reason, string shown)
    {
        var (phone, _) = await coop.LinkedFriend();
        var open = await coop.Publish();
        var later = await coop.Publish(Some.Campaign(conditions: JsonElement.Parse(conditions)));

        var page = await coop.Available(phone);
        Assert.Contains(open, page.Campaigns("usable"));
        Assert.DoesNotContain(later, page.Campaigns("usable"));
        Assert.Contains(shown, Listed(page, later).GetProperty("text").GetString());
        using var refused = await coop.Member(phone).PostAsJsonAsync("/coupons/codes", new { campaigns = new[] { later } });
        Assert.Equal(reason, (await refused.AssertProblem(HttpStatusCode.Conflict)).GetProperty("refusals")[0].GetProperty("reason").GetString());

        var usable = await coop.Publish(Some.Campaign(conditions: new { hours = new { from = "09:00", to = "10:05" } }));
        var code = await coop.ShowCode(phone, usable);
        Assert.Equal("redeemed", (await coop.Redeem(coop.Sale(code), what: "evaluations")).Outcome);
        var late = (await coop.Redeem(coop.Sale(code, purchased: TimeSpan.FromMinutes(5)))).AssertRefused(usable, "notNow");
        Assert.Contains("9時から10時5分まで", late.GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("""{"weekdays":["fri","sat"],"hours":{"from":"18:00","to":"20:00"}}""", "notToday", "金曜日と土曜日の18時から20時までにお使い")]
    [InlineData("""{"weekdays":["sun"],"hours":{"from":"10:30","to":"13:00"}}""", "notNow", "日曜日の10時30分から13時まで")]
    [InlineData("""{"minimumSpend":2000,"minimumSpendOn":"receipt"}""", "belowMinimum", "お買い上げの金額があと1,604円")]
    public async Task The_sentence_says_all_of_when_it_is_and_how_much_is_missing(string conditions, string reason, string words)
    {
        var (phone, _) = await coop.LinkedFriend();
        var id = await coop.Publish();
        var code = await coop.ShowCode(phone, id);
        await coop.Publish(Some.Campaign(conditions: JsonElement.Parse(conditions)), id);

        var refusal = (await coop.Redeem(coop.Sale(code))).AssertRefused(id, reason);

        Assert.Contains(words, refusal.GetProperty("message").GetString());
    }

    [Fact]
    public async Task Of_a_group_one_is_taken_and_the_other_stays()
    {
        var (phone, _) = await coop.LinkedFriend();
        var group = new { exclusiveGroup = "weekend" };
        var small = await coop.Publish(Some.Campaign(value: 20, conditions: group));
        var large = await coop.Publish(Some.Campaign(value: 30, conditions: group));

        var (_, answer) = await coop.Use(phone, small, large);

        Assert.Equal([$"{large} on 1: 30"], answer.Discounts);
        Assert.Equal([$"{small}: exclusive"], answer.Refusals);
        Assert.Equal("redeemed", (await coop.Use(phone, small)).Answer.Outcome);
    }

    [Fact]
    public async Task An_excluded_item_takes_no_coupon()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish(Some.Campaign(conditions: new { excludeJanPrefixes = new[] { "4901" } }));

        (await coop.Use(phone, tofu)).Answer.AssertRefused(tofu, "excludedItem");
    }

    [Fact]
    public async Task One_of_three_is_free()
    {
        var (phone, _) = await coop.LinkedFriend();
        var three = await coop.Publish(Some.Campaign(type: "buyNGetOne", value: 0, n: 3));
        Assert.Contains("3点買うと1点無料", (await coop.Available(phone)).GetProperty("usable").GetRawText());
        var code = await coop.ShowCode(phone, three);

        var refusal = (await coop.Redeem(coop.Sale(code))).AssertRefused(three, "belowMinimum");
        Assert.Equal(1, refusal.GetProperty("missingUnits").GetInt32());
        Assert.Equal([$"{three} on 1: 198"], (await coop.Redeem(coop.Sale(code, lines: [Sale.Line(quantity: 3)]))).Discounts);
    }

    [Fact]
    public async Task Only_members_on_its_list_have_a_coupon_of_it()
    {
        var (phone, member) = await coop.LinkedFriend();
        var (other, _) = await coop.LinkedFriend();
        var named = await coop.Publish(Some.Campaign(issuedTo: "list"));
        Assert.DoesNotContain(named, (await coop.Available(phone)).Campaigns("usable"));

        Assert.Equal(2, (await Name(named, $"member_number\r\n{member.Number}\r\n99999999\r\n{member.Number}\r\n")).GetProperty("members").GetInt32());

        Assert.Contains(named, (await coop.Available(phone)).Campaigns("usable"));
        Assert.DoesNotContain(named, (await coop.Available(other)).Campaigns("usable"));
        using var refused = await coop.Member(other).PostAsJsonAsync("/coupons/codes", new { campaigns = new[] { named } });
        Assert.Contains("notIssued", (await refused.AssertProblem(HttpStatusCode.Conflict)).GetRawText());
        var code = await coop.ShowCode(phone, named);

        await Name(named, "99999999"); // while the code is shown
        (await coop.Redeem(coop.Sale(code))).AssertRefused(named, "notIssued");
        await Name(named, member.Number);
        Assert.Equal("redeemed", (await coop.Redeem(coop.Sale(code))).Outcome);
        var campaign = await coop.Staff().GetFromJsonAsync<JsonElement>($"/staff/v1/campaigns/{named}");
        Assert.Equal(("list", 1), (campaign.GetProperty("issuedTo").GetString(), campaign.GetProperty("members").GetInt32()));
    }

    [Fact]
    public async Task Whose_earlier_number_is_on_the_list_has_a_coupon_too()
    {
        var (phone, member) = await coop.LinkedFriend();
        var (_, earlier) = await coop.Newcomer();
        await coop.Register(earlier with { Status = "withdrawn", ReplacedBy = member.Number });
        var named = await coop.Publish(Some.Campaign(issuedTo: "list"));
        await Name(named, earlier.Number);

        Assert.Contains(named, (await coop.Available(phone)).Campaigns("usable"));
        var code = await coop.ShowCode(phone, named);
        var progress = await coop.Member(phone).GetFromJsonAsync<JsonElement>($"/coupons/codes/{code}");
        Assert.Empty(progress.GetProperty("refusals").EnumerateArray());
        Assert.Equal("redeemed", (await coop.Redeem(coop.Sale(code))).Outcome);
    }

    [Theory]
    [InlineData(Fault.BeforeTheWrite)]
    [InlineData(Fault.AfterTheCommit)]
    public async Task Until_a_new_list_counts_the_one_before_it_does(Fault fault)
    {
        var (phone, member) = await coop.LinkedFriend();
        var (other, next) = await coop.LinkedFriend();
        var named = await coop.Publish(Some.Campaign(issuedTo: "list"));
        await Name(named, member.Number);
        coop.Faults.Order(StateNames.Campaign, fault, key: GrainKeys.CampaignKey(named));

        using var failed = await Put(named, next.Number);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, failed.StatusCode);
        var counts = fault == Fault.AfterTheCommit;
        Assert.Equal(!counts, (await coop.Available(phone)).Campaigns("usable").Contains(named));
        Assert.Equal(counts, (await coop.Available(other)).Campaigns("usable").Contains(named));
        await Name(named, next.Number);
        Assert.DoesNotContain(named, (await coop.Available(phone)).Campaigns("usable"));
        Assert.Contains(named, (await coop.Available(other)).Campaigns("usable"));
    }

    [Fact]
    public async Task A_list_with_a_line_that_is_no_number_changes_nothing_and_says_which_line()
    {
        var (phone, member) = await coop.LinkedFriend();
        var named = await coop.Publish(Some.Campaign(issuedTo: "list"));
        await Name(named, member.Number);

        using var response = await Put(named, "12345678\nabc\n\n12");
        var problem = await response.AssertProblem(HttpStatusCode.BadRequest);

        Assert.Equal(["line 2"], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name));
        Assert.Contains(named, (await coop.Available(phone)).Campaigns("usable"));
        using var forAll = await Put(await coop.Publish(), "1");
        await forAll.AssertProblem(HttpStatusCode.Conflict);
        using var unknown = await Put(Some.CampaignId(), "1");
        await unknown.AssertProblem(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("""{"conditions":{"weekdays":["friday"]}}""", "conditions.weekdays")]
    [InlineData("""{"conditions":{"weekdays":[]}}""", "conditions.weekdays")]
    [InlineData("""{"conditions":{"hours":{"from":"9:00","to":"13:00"}}}""", "conditions.hours.from")]
    [InlineData("""{"conditions":{"hours":{"from":"09:00","to":"09:00"}}}""", "conditions.hours.to")]
    [InlineData("""{"conditions":{"minimumSpend":0}}""", "conditions.minimumSpend")]
    [InlineData("""{"conditions":{"minimumSpendOn":"items"}}""", "conditions.minimumSpendOn")]
    [InlineData("""{"conditions":{"exclusiveGroup":"週末"}}""", "conditions.exclusiveGroup")]
    [InlineData("""{"conditions":{"exclusiveGroup":""}}""", "conditions.exclusiveGroup")]
    [InlineData("""{"conditions":{"excludeJans":["1"]}}""", "conditions.excludeJans")]
    [InlineData("""{"limits":{"totalUses":0}}""", "limits.totalUses")]
    [InlineData("""{"limits":{"perStore":{"0123":{"uses":0}}}}""", "limits.perStore")]
    [InlineData("""{"limits":{"perStore":{"あ":{"uses":1}}}}""", "limits.perStore")]
    [InlineData("""{"limits":{"perStore":{"0123":null}}}""", "limits.perStore")]
    [InlineData("""{"issuedTo":"some"}""", "issuedTo")]
    [InlineData("""{"discount":{"type":"buyNGetOne","value":0}}""", "discount.n")]
    [InlineData("""{"discount":{"type":"buyNGetOne","value":0,"n":1}}""", "discount.n")]
    [InlineData("""{"discount":{"type":"yen","value":30,"n":3}}""", "discount.n")]
    public async Task What_cannot_be_is_refused_with_the_field(string part, string field)
    {
        var campaign = JsonSerializer.SerializeToNode(Some.Campaign())!.AsObject();
        foreach (var (name, value) in JsonSerializer.SerializeToNode(JsonElement.Parse(part))!.AsObject()) campaign[name] = value!.DeepClone();

        using var response = await coop.Staff().PutAsJsonAsync($"/staff/v1/campaigns/{Some.CampaignId()}", campaign);

        var problem = await response.AssertProblem(HttpStatusCode.BadRequest);
        Assert.Contains(field, problem.GetProperty("errors").EnumerateObject().Select(error => error.Name));
    }

    [Fact]
    public async Task A_campaign_is_given_back_as_it_was_sent()
    {
        var id = Some.CampaignId();
        var sent = JsonElement.Parse(
            """
            {"conditions":{"minimumSpend":1000,"minimumSpendOn":"receipt","weekdays":["fri","sat"],"hours":{"from":"22:00","to":"02:00"},
             "excludeJans":["4901234567894"],"excludeJanPrefixes":["49"],"excludeCategories":["1201"],"exclusiveGroup":"weekend"},
             "limits":{"totalUses":1000,"totalYen":30000,"perStoreUses":100,"perStoreYen":5000,"perStore":{"0123":{"uses":200,"yen":null}},
             "perDayUses":300,"perDayYen":9000}}
            """);
        using var put = await coop.Staff().PutAsJsonAsync(
            $"/staff/v1/campaigns/{id}", Some.Campaign(conditions: sent.GetProperty("conditions"), limits: sent.GetProperty("limits"), issuedTo: "list"));
        Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync());

        var campaign = await coop.Staff().GetFromJsonAsync<JsonElement>($"/staff/v1/campaigns/{id}");

        foreach (var part in (string[])["conditions", "limits"])
            Assert.True(JsonElement.DeepEquals(sent.GetProperty(part), campaign.GetProperty(part)), campaign.GetProperty(part).GetRawText());
        Assert.Equal("list", campaign.GetProperty("issuedTo").GetString());
    }

    [Fact]
    public async Task After_the_first_use_words_and_a_later_end_change_and_each_version_is_kept()
    {
        var (phone, _) = await coop.LinkedFriend();
        var (other, _) = await coop.LinkedFriend();
        var id = await coop.Publish();
        await coop.Use(phone, id);

        using var later = await coop.Staff().PutAsJsonAsync(
            $"/staff/v1/campaigns/{id}", Some.Campaign(endsAt: "2026-12-05T00:00:00+09:00"));
        Assert.True(later.IsSuccessStatusCode, await later.Content.ReadAsStringAsync());
        foreach (var frozen in (object[])
                 [
                     Some.Campaign(endsAt: "2026-12-01T00:00:00+09:00"), Some.Campaign(value: 31, endsAt: "2026-12-05T00:00:00+09:00"),
                     Some.Campaign(endsAt: "2026-12-05T00:00:00+09:00", conditions: new { minimumSpend = 1 }),
                     Some.Campaign(endsAt: "2026-12-05T00:00:00+09:00", issuedTo: "list"),
                 ])
        {
            using var refused = await coop.Staff().PutAsJsonAsync($"/staff/v1/campaigns/{id}", frozen);
            await refused.AssertProblem(HttpStatusCode.Conflict);
        }

        await coop.Use(other, id);
        var rows = await coop.Staff().GetFromJsonAsync<JsonElement>($"/staff/v1/ledger?campaign={id}");
        Assert.Equal(
            ["used 2", "campaignDefined 2", "used 1", "campaignPublished 1", "campaignDefined 1"],
            rows.GetProperty("rows").EnumerateArray().Select(row => $"{row.GetProperty("kind").GetString()} {row.GetProperty("version").GetInt32()}"));
        var kept = await coop.Host.Services.GetRequiredService<ILedger>().Find(new(Campaign: id, Limit: 200));
        Assert.Equal(
            ["2026-12-05", "2026-12-01"],
            from row in kept.Rows
            where row.Kind == LedgerKind.CampaignDefined
            select $"{JsonSerializer.Deserialize<CampaignDefinition>(row.Answer!, StateJson.Options)!.EndsAt.ToOffset(TimeSpan.FromHours(9)):yyyy-MM-dd}");
    }

    private async Task<JsonElement> Name(string campaign, string csv)
    {
        using var response = await Put(campaign, csv);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<HttpResponseMessage> Put(string campaign, string csv)
    {
        using var body = new StringContent(csv, System.Text.Encoding.UTF8, "text/csv");
        return await coop.Staff().PutAsync($"/staff/v1/campaigns/{campaign}/members", body);
    }

    private static JsonElement Listed(JsonElement page, string campaign) =>
        page.GetProperty("later").EnumerateArray().Single(one => one.GetProperty("campaign").GetString() == campaign);
}
