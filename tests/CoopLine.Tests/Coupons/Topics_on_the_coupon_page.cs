using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Coupons;

/// <summary>The switches at the end of the coupon page.</summary>
[Collection(typeof(CouponHost))]
public sealed class Topics_on_the_coupon_page(RunningSystem coop)
{
    private const string Path = "/coupons/topics/store";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task At_first_all_are_on_for_a_member_and_for_a_friend_without_a_link(bool linked)
    {
        var phone = linked ? (await coop.LinkedFriend()).Phone : await coop.NewFriend();

        using var answer = await coop.Member(phone).GetAsync("/coupons/topics");

        Assert.Equal(
            """{"topics":[{"topic":"store","name":"店舗","on":true},{"topic":"home","name":"個配・共同購入","on":true},{"topic":"notice","name":"お知らせ","on":true}]}""",
            (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetRawText());
        Assert.True(answer.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task A_switch_says_what_is_on_then_and_pressed_twice_says_the_same()
    {
        var phone = await coop.NewFriend();

        Assert.Equal(["home", "notice"], await Turn(phone, "store", on: false));
        Assert.Equal(["home", "notice"], await Turn(phone, "store", on: false));
        Assert.Equal(["home"], await Turn(phone, "notice", on: false));
        Assert.Equal(["home"], await TopicsOn(phone));
        Assert.Equal(["store", "home"], await Turn(phone, "store", on: true));
    }

    [Fact]
    public async Task Page_and_chat_show_the_same_and_nobody_else_is_concerned()
    {
        var (phone, _) = await coop.LinkedFriend();
        var (other, _) = await coop.LinkedFriend();
        await Turn(phone, "home", on: false);

        await phone.Say("配信設定");
        var told = await phone.WaitForMessage("いまの配信設定です");
        await phone.Tap(told.Buttons[2]);
        await phone.WaitForMessage("「お知らせ」を止めました。");

        Assert.Contains("× 個配・共同購入:止めています", told.Text, StringComparison.Ordinal);
        Assert.Equal(["store"], await TopicsOn(phone));
        Assert.Equal(["store", "home", "notice"], await TopicsOn(other));
    }

    [Fact]
    public async Task Names_are_English_for_a_browser_that_asks_for_it()
    {
        using var page = coop.Member(await coop.NewFriend());
        page.DefaultRequestHeaders.AcceptLanguage.Add(new("en"));

        var topics = (await page.GetFromJsonAsync<JsonElement>("/coupons/topics")).GetProperty("topics");

        Assert.Equal(
            ["Stores", "Home delivery and group buying", "News"], topics.EnumerateArray().Select(one => one.GetProperty("name").GetString()));
    }

    [Theory]
    [InlineData("recipes")]
    [InlineData("Store")]
    [InlineData("0")]
    [InlineData("store%20")]
    [InlineData("store,home")]
    public async Task A_topic_that_does_not_exist_is_404(string topic)
    {
        var phone = await coop.NewFriend();

        using var answer = await coop.Member(phone).PutAsJsonAsync("/coupons/topics/" + topic, new { on = false });

        Assert.Equal("noSuchTopic", (await answer.AssertProblem(HttpStatusCode.NotFound)).GetProperty("reason").GetString());
        Assert.Equal(3, (await TopicsOn(phone)).Length);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"on":null}""")]
    [InlineData("""{"off":true}""")]
    public async Task A_body_that_does_not_say_on_or_off_is_400(string body)
    {
        var phone = await coop.NewFriend();

        using var answer = await Put(phone, body);

        Assert.Equal("onMissing", (await answer.AssertProblem(HttpStatusCode.BadRequest)).GetProperty("reason").GetString());
        Assert.Equal(3, (await TopicsOn(phone)).Length);
    }

    [Theory]
    [InlineData("", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("{", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("null", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("false", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("[false]", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("""{"on":"false"}""", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("""{"on":0}""", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("""{"on":{}}""", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("""{"on":true,"on":false}""", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("on=false", "application/x-www-form-urlencoded", HttpStatusCode.UnsupportedMediaType)]
    public async Task What_is_not_the_JSON_it_wants_is_refused(string body, string type, HttpStatusCode status)
    {
        var phone = await coop.NewFriend();

        using var answer = await Put(phone, body, type);

        await answer.AssertProblem(status);
        Assert.Equal(3, (await TopicsOn(phone)).Length);
    }

    [Fact]
    public async Task A_body_that_is_too_long_is_413()
    {
        var phone = await coop.NewFriend();

        using var answer = await Put(phone, $$"""{"on":false,"more":"{{new string('x', 1024)}}"}""");

        await answer.AssertProblem(HttpStatusCode.RequestEntityTooLarge);
        Assert.Equal(3, (await TopicsOn(phone)).Length);
    }

    [Fact]
    public async Task Without_a_session_it_is_401_and_nothing_changes()
    {
        var phone = await coop.NewFriend();
        string?[] bad =
        [
            null, "", phone.IdToken(life: TimeSpan.FromSeconds(-1)), phone.IdToken(audience: "9999999999"), "nonsense",
            phone.UserId, RunningSystem.TillKey("0123"), RunningSystem.StaffKey,
        ];

        foreach (var token in bad)
        {
            using var page = new HttpClient { BaseAddress = coop.Host.Address };
            if (token is not null) page.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + token);
            using var read = await page.GetAsync("/coupons/topics");
            using var turned = await page.PutAsJsonAsync(Path, new { on = false });
            foreach (var answer in new[] { read, turned })
                Assert.Equal("signInAgain", (await answer.AssertProblem(HttpStatusCode.Unauthorized)).GetProperty("reason").GetString());
        }

        Assert.Equal(3, (await TopicsOn(phone)).Length);
    }

    [Fact]
    public async Task The_session_of_the_page_is_as_good_as_the_id_token()
    {
        var phone = await coop.NewFriend();
        using var page = new HttpClient { BaseAddress = coop.Host.Address };
        page.DefaultRequestHeaders.Authorization = new("Bearer", (await coop.Available(phone)).GetProperty("session").GetString());

        using var turned = await page.PutAsJsonAsync(Path, new { on = false });

        Assert.Equal(HttpStatusCode.OK, turned.StatusCode);
        Assert.Equal(["home", "notice"], await TopicsOn(phone));
    }

    [Fact]
    public async Task While_nothing_can_be_saved_it_is_503_and_the_topic_stays_on()
    {
        var phone = await coop.NewFriend();
        await coop.FailWriteOf(phone, Fault.BeforeTheWrite);

        using (var down = await coop.Member(phone).PutAsJsonAsync(Path, new { on = false }))
            await down.AssertProblem(HttpStatusCode.ServiceUnavailable);

        Assert.Equal(3, (await TopicsOn(phone)).Length);
        Assert.Equal(["home", "notice"], await Turn(phone, "store", on: false));
    }

    private async Task<string[]> Turn(SimulatedPhone phone, string topic, bool on)
    {
        using var answer = await coop.Member(phone).PutAsJsonAsync("/coupons/topics/" + topic, new { on });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return On(await answer.Content.ReadFromJsonAsync<JsonElement>());
    }

    private async Task<HttpResponseMessage> Put(SimulatedPhone phone, string body, string type = "application/json")
    {
        using var content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(type));
        return await coop.Member(phone).PutAsync(Path, content);
    }

    private async Task<string[]> TopicsOn(SimulatedPhone phone) =>
        On(await coop.Member(phone).GetFromJsonAsync<JsonElement>("/coupons/topics"));

    private static string[] On(JsonElement list) =>
    [
        .. from one in list.GetProperty("topics").EnumerateArray()
           where one.GetProperty("on").GetBoolean()
           select one.GetProperty("topic").GetString(),
    ];
}
