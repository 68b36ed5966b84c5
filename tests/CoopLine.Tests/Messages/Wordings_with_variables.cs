using System.Net;
using System.Text.Json;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Messages;

/// <summary>A wording may name the reader's store, the day and its coupon. Whoever reads the same shares a call.</summary>
public sealed class Wordings_with_variables : IAsyncLifetime
{
    private readonly RunningSystem coop = new RunningSystem().WithApprover();

    public async ValueTask InitializeAsync()
    {
        coop.Also["CoopLine:Stores:0123"] = "さくら中央店";
        coop.Also["CoopLine:Stores:0456"] = "みなみ店";
        await coop.InitializeAsync();
    }

    public ValueTask DisposeAsync() => coop.DisposeAsync();

    [Fact]
    public async Task Members_read_the_name_of_their_store_and_the_day()
    {
        var (sakura, too, minami, none) = (await Member("0123"), await Member("0123"), await Member("0456"), await Member(""));

        await coop.WaitUntil(await coop.Send(Saying("{store}より、{date}のお知らせ")), "done");

        Assert.All([sakura, too], phone => Assert.Equal(["さくら中央店より、11月22日のお知らせ"], phone.Got()));
        Assert.Equal(["みなみ店より、11月22日のお知らせ"], minami.Got());
        Assert.Equal(["ご登録の店舗より、11月22日のお知らせ"], none.Got());
        Assert.Equal([1, 1, 2], coop.Line.Calls.Where(call => call.Name == LineCall.Multicast).Select(Persons).Order());
    }

    [Fact]
    public async Task Who_changes_the_store_between_plan_and_block_reads_the_new_one()
    {
        var (phone, member) = await coop.LinkedFriend();
        var staying = await Member("0123");
        coop.Line.Trouble.Fail(LineCall.Quota, Trouble.Always);
        var id = await coop.Send(Saying("{store}"));
        await coop.WaitUntil(id, "sending");
        await coop.Register(member with { HomeStore = "0456" });
        coop.Line.Trouble.Clear();

        (await coop.WaitUntil(id, "done")).AssertAddsUp();

        Assert.Equal(["みなみ店"], phone.Got());
        Assert.Equal(["さくら中央店"], staying.Got());
    }

    [Fact]
    public async Task A_coupons_title_and_last_day_are_written_out_where_they_are_approved()
    {
        var phone = await coop.LinkedPhone();
        var tofu = await coop.Publish(Some.Campaign(endsAt: "2026-12-24T00:00:00+09:00"));
        var card = new { title = "{coupon}", lines = new[] { "{until}まで", "{store}で" }, altText = "{coupon} {until}まで", coupon = tofu };

        var id = await coop.Send(MessageSteps.Define(unlinked: false, forLinked: new { card }));
        var done = await coop.WaitUntil(id, "done");

        var kept = done.GetProperty("definition").GetProperty("variants").GetProperty("linked").GetProperty("card");
        Assert.Equal(("とうふ", "12月23日まで"), (kept.GetProperty("title").GetString(), kept.GetProperty("lines")[0].GetString()));
        var got = Assert.Single(phone.Messages, message => message.Way == MessageWay.Multicast);
        Assert.Equal(("とうふ\n12月23日まで\nさくら中央店で", "とうふ 12月23日まで"), (got.Text, got.AltText));
    }

    [Fact]
    public async Task A_coupons_title_names_no_variables()
    {
        await coop.LinkedPhone();
        var tofu = await coop.Publish(new
        {
            title = "{until}{store}",
            description = "a",
            discount = new { type = "yen", value = 30 },
            items = new { jans = new[] { "4901234567894" } },
            startsAt = "2026-11-01T00:00:00+09:00",
            endsAt = "2026-12-01T00:00:00+09:00",
        });
        var id = Some.CampaignId();

        var defined = await coop.Did(
            HttpMethod.Put, id,
            MessageSteps.Define(unlinked: false, forLinked: new { card = new { title = "{coupon}", altText = "{coupon}", coupon = tofu } }));

        Assert.Equal(
            "\uFF5Buntil\uFF5D\uFF5Bstore\uFF5D",
            defined.GetProperty("definition").GetProperty("variants").GetProperty("linked").GetProperty("card").GetProperty("title").GetString());
    }

    [Theory]
    [InlineData("""{"linked":{"text":"{name}様"}}""", "variants.linked.text")]
    [InlineData("""{"linked":{"text":"半額}"}}""", "variants.linked.text")]
    [InlineData("""{"linked":{"card":{"title":"{shop}","altText":"a"}}}""", "variants.linked.card.title")]
    [InlineData("""{"linked":{"card":{"title":"a","altText":"{shop}"}}}""", "variants.linked.card.altText")]
    [InlineData("""{"linked":{"card":{"title":"a","lines":["{shop}"],"altText":"a"}}}""", "variants.linked.card.lines")]
    [InlineData("""{"linked":{"text":"{coupon}"}}""", "variants.linked")]
    [InlineData("""{"linked":{"card":{"title":"{until}","altText":"a"}}}""", "variants.linked")]
    [InlineData("""{"unlinked":{"text":"{store}"}}""", "variants.unlinked")]
    [InlineData("""{"linked":{"card":{"title":"a","altText":"a","coupon":"none"}}}""", "variants.linked.card.coupon")]
    public async Task What_nobody_could_fill_in_is_refused(string variants, string field) =>
        await Refused(new { title = "a", topic = "store", ceilingYen = 0, variants = JsonElement.Parse(variants) }, field);

    [Theory]
    [InlineData("""{"stores":["0999"]}""", "audience.stores")]
    [InlineData("""{"coupon":{"campaign":"none","used":false}}""", "audience.coupon.campaign")]
    public async Task A_store_or_a_campaign_that_is_not_there_is_refused(string audience, string field) =>
        await Refused(MessageSteps.Define(JsonElement.Parse(audience)), field);

    private static object Saying(string text) => MessageSteps.Define(unlinked: false, forLinked: new { text });

    private static int Persons(RecordedCall call) => JsonElement.Parse(call.Body).GetProperty("to").GetArrayLength();

    private async Task Refused(object definition, string field)
    {
        var (status, problem) = await coop.Say(HttpMethod.Put, Some.CampaignId(), definition);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal([field], problem.GetProperty("errors").EnumerateObject().Select(one => one.Name));
    }

    private async Task<SimulatedPhone> Member(string store)
    {
        var (phone, member) = await coop.LinkedFriend();
        await coop.Register(member with { HomeStore = store });
        return phone;
    }
}
