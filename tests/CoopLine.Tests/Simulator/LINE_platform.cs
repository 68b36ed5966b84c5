using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace CoopLine.Tests.Simulator;

/// <summary>The simulator keeps LINE's contract: what the rest of the tests rely on.</summary>
[NoDatabase]
public sealed class LINE_platform : IAsyncLifetime
{
    private readonly FakeTimeProvider clock = new(new(2026, 11, 22, 1, 0, 0, TimeSpan.Zero));
    private readonly HttpClient client = new();
    private LineSimulator line = null!;
    private Receiver receiver = null!;

    public async ValueTask InitializeAsync()
    {
        receiver = await Receiver.Start();
        line = await LineSimulator.Start(new() { WebhookUrl = receiver.Url, EnvironmentName = "Testing" }, clock);
        client.BaseAddress = line.BaseAddress;
        client.DefaultRequestHeaders.Authorization = new("Bearer", line.Options.ChannelAccessToken);
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await line.DisposeAsync();
        await receiver.DisposeAsync();
    }

    [Fact]
    public async Task Given_the_published_body_and_secret_then_the_webhook_carries_the_published_signature()
    {
        await using var published = await LineSimulator.Start(
            new() { ChannelSecret = "8c570fa6dd201bb328f1c1eac23a96d8", EnvironmentName = "Testing" }, clock);
        var body = """{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}"""u8;

        Assert.Equal("GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs=", published.Sign(body));
    }

    [Fact]
    public async Task Given_a_tap_then_the_body_is_signed_as_sent_and_names_the_bot_and_the_user()
    {
        var phone = line.Phone();

        Assert.Equal(HttpStatusCode.OK, await phone.TapBanner("link"));

        var (body, signature) = Assert.Single(receiver.Received);
        Assert.Equal(line.Sign(body), signature);
        var request = JsonDocument.Parse(body).RootElement;
        Assert.Equal(line.Options.BotUserId, request.GetProperty("destination").GetString());
        var tap = Assert.Single(request.GetProperty("events").EnumerateArray().ToArray());
        Assert.Equal("action=link", tap.GetProperty("postback").GetProperty("data").GetString());
        Assert.Equal(phone.UserId, tap.GetProperty("source").GetProperty("userId").GetString());
        Assert.Equal(clock.GetUtcNow().ToUnixTimeMilliseconds(), tap.GetProperty("timestamp").GetInt64());
        Assert.Matches("^[0-7][0-9A-HJKMNP-TV-Z]{25}$", tap.GetProperty("webhookEventId").GetString());
    }

    [Fact]
    public async Task Given_a_reply_token_then_it_works_once_and_for_a_minute()
    {
        var phone = line.Phone();
        await phone.Follow();
        var first = receiver.LastReplyToken();

        Assert.Equal(HttpStatusCode.OK, (await Reply(first)).StatusCode);
        var again = await Reply(first);
        await phone.TapBanner("link");
        clock.Advance(TimeSpan.FromSeconds(61));
        var late = await Reply(receiver.LastReplyToken());

        Assert.Equal(HttpStatusCode.BadRequest, again.StatusCode);
        Assert.Equal("""{"message":"Invalid reply token"}""", await again.Content.ReadAsStringAsync(Cancelled));
        Assert.Equal(HttpStatusCode.BadRequest, late.StatusCode);
        Assert.Equal(MessageWay.Reply, Assert.Single(phone.Messages).Way);
    }

    [Fact]
    public async Task Given_a_retry_key_on_a_reply_then_it_is_refused_and_the_token_stays_good()
    {
        await line.Phone().Follow();
        var token = receiver.LastReplyToken();

        Assert.Equal(HttpStatusCode.BadRequest, (await Reply(token, Guid.NewGuid())).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Reply(token)).StatusCode);
    }

    [Fact]
    public async Task Given_an_accepted_retry_key_then_it_conflicts_for_a_day_and_then_sends_again()
    {
        var phone = line.Phone();
        await phone.Follow();
        var key = Guid.NewGuid();

        var first = await Push(phone.UserId, "一度だけ", key);
        var second = await Push(phone.UserId, "一度だけ", key);
        var other = await Push(phone.UserId, "別の本文", key);

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
        Assert.Equal(
            first.Headers.GetValues("x-line-request-id"), second.Headers.GetValues("x-line-accepted-request-id"));
        Assert.Equal(HttpStatusCode.BadRequest, other.StatusCode);
        Assert.Single(phone.Messages);

        clock.Advance(TimeSpan.FromHours(24));
        Assert.Equal(HttpStatusCode.OK, (await Push(phone.UserId, "一度だけ", key)).StatusCode);
        Assert.Equal(2, phone.Messages.Count);
    }

    [Fact]
    public async Task Given_a_user_who_blocks_then_a_push_is_accepted_and_not_delivered()
    {
        var phone = line.Phone();
        await phone.Follow();
        await phone.Block();

        Assert.Equal(HttpStatusCode.OK, (await Push(phone.UserId, "届かない", Guid.NewGuid())).StatusCode);

        Assert.Empty(phone.Messages);
        var profile = await client.GetAsync($"/v2/bot/profile/{phone.UserId}", Cancelled);
        Assert.Equal(HttpStatusCode.NotFound, profile.StatusCode);
    }

    [Fact]
    public async Task Given_a_link_token_then_its_own_user_links_once()
    {
        var phone = line.Phone();
        var dialog = await Dialog(phone, "nonce-of-ten-or-more");

        Assert.Equal(new(DialogOutcome.Ok, HttpStatusCode.OK), await line.OpenAccountLinkDialog(dialog, phone.UserId));
        Assert.Equal(new(DialogOutcome.ErrorPage, null), await line.OpenAccountLinkDialog(dialog, phone.UserId));

        var linked = receiver.LastEvent();
        Assert.Equal("nonce-of-ten-or-more", linked.GetProperty("link").GetProperty("nonce").GetString());
        Assert.Equal("ok", linked.GetProperty("link").GetProperty("result").GetString());
        Assert.Single(receiver.Received);
    }

    [Fact]
    public async Task Given_a_link_token_when_another_user_opens_the_dialog_then_the_event_names_nobody()
    {
        var dialog = await Dialog(line.Phone(), "nonce-of-ten-or-more");

        var result = await line.OpenAccountLinkDialog(dialog, line.Phone().UserId);

        Assert.Equal(DialogOutcome.Failed, result.Outcome);
        var failed = receiver.LastEvent();
        Assert.Equal("failed", failed.GetProperty("link").GetProperty("result").GetString());
        Assert.False(failed.TryGetProperty("source", out _));
        Assert.False(failed.TryGetProperty("replyToken", out _));
    }

    [Fact]
    public async Task Given_a_link_token_when_ten_minutes_have_passed_then_there_is_no_event()
    {
        var phone = line.Phone();
        var dialog = await Dialog(phone, "nonce-of-ten-or-more");
        clock.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal(new(DialogOutcome.ErrorPage, null), await line.OpenAccountLinkDialog(dialog, phone.UserId));
        Assert.Empty(receiver.Received);
    }

    [Fact]
    public async Task Given_a_linked_rich_menu_then_it_shows_until_unlinked_or_blocked()
    {
        var phone = line.Phone();
        await phone.Follow();
        Assert.Equal("coopline-unlinked", phone.RichMenu);
        var menus = await client.GetFromJsonAsync<JsonElement>("/v2/bot/richmenu/list", Cancelled);
        var linked = menus.GetProperty("richmenus").EnumerateArray()
            .Single(menu => menu.GetProperty("name").GetString() == "coopline-linked")
            .GetProperty("richMenuId").GetString();

        var shown = phone.WaitForRichMenu("coopline-linked");
        await client.PostAsync($"/v2/bot/user/{phone.UserId}/richmenu/{linked}", null, Cancelled);
        await shown;
        await client.DeleteAsync($"/v2/bot/user/{phone.UserId}/richmenu", Cancelled);

        Assert.Equal("coopline-unlinked", phone.RichMenu);
        var none = await client.GetAsync($"/v2/bot/user/{phone.UserId}/richmenu", Cancelled);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        var answer = await none.Content.ReadAsStringAsync(Cancelled);
        Assert.Contains("the user has no richmenu", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Given_a_new_menu_then_it_needs_a_picture_of_its_size_before_an_alias_can_name_it()
    {
        var menu = await NewMenu();
        var alias = new { richMenuAliasId = "coopline-next", richMenuId = menu };

        Assert.Equal(400, (int)(await Post("/v2/bot/richmenu/alias", alias, null)).StatusCode);
        Assert.Equal(400, await SetPicture(menu, width: 2499, height: 843));
        Assert.Equal(400, await SetPicture(menu, width: 2500, height: 843, bytes: 1024 * 1024 + 1));
        Assert.Equal(200, await SetPicture(menu, width: 2500, height: 843));
        Assert.Equal(400, await SetPicture(menu, width: 2500, height: 843));
        Assert.Equal(200, (int)(await Post("/v2/bot/richmenu/alias", alias, null)).StatusCode);
        Assert.Equal(400, (int)(await Post("/v2/bot/richmenu/alias", alias, null)).StatusCode);
        var named = await client.GetFromJsonAsync<JsonElement>("/v2/bot/richmenu/alias/coopline-next", Cancelled);
        Assert.Equal(menu, named.GetProperty("richMenuId").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/v2/bot/richmenu/alias/nobody", Cancelled)).StatusCode);
    }

    [Fact]
    public async Task Given_a_move_then_those_with_the_old_menu_get_the_new_one_three_times_an_hour()
    {
        var phone = line.Phone();
        await phone.Follow();
        var old = line.RichMenus.Alias("coopline-linked")!;
        await client.PostAsync($"/v2/bot/user/{phone.UserId}/richmenu/{old}", null, Cancelled);
        var menu = await NewMenu();
        var move = new { operations = new[] { new { type = "link", from = old, to = menu } } };

        Assert.Equal(400, (int)(await Post("/v2/bot/richmenu/batch", move, null)).StatusCode); // no picture yet
        await SetPicture(menu, width: 2500, height: 843);
        var moved = await Post("/v2/bot/richmenu/batch", move, null);

        Assert.Equal(HttpStatusCode.Accepted, moved.StatusCode);
        Assert.Equal("another", phone.RichMenu);
        var request = moved.Headers.GetValues("x-line-request-id").Single();
        var progress = await client.GetFromJsonAsync<JsonElement>(
            $"/v2/bot/richmenu/progress/batch?requestId={request}", Cancelled);
        Assert.Equal("succeeded", progress.GetProperty("phase").GetString());
        await Post("/v2/bot/richmenu/batch", move, null);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await Post("/v2/bot/richmenu/batch", move, null)).StatusCode);
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(HttpStatusCode.Accepted, (await Post("/v2/bot/richmenu/batch", move, null)).StatusCode);
    }

    [Fact]
    public async Task Given_a_hundred_new_menus_within_an_hour_then_the_next_has_to_wait()
    {
        for (var i = 0; i < 100; i++) await NewMenu();

        Assert.Equal(HttpStatusCode.TooManyRequests, (await Post("/v2/bot/richmenu", Menu, null)).StatusCode);
        clock.Advance(TimeSpan.FromHours(1));
        await NewMenu();
    }

    [Theory]
    [InlineData("", 400)]
    [InlineData("a", 200)]
    [InlineData("5000", 200)]
    [InlineData("5001", 400)]
    public async Task Given_a_text_then_its_length_decides(string text, int status)
    {
        var phone = line.Phone();
        var sent = int.TryParse(text, out var length) ? new string('あ', length) : text;

        Assert.Equal(status, (int)(await Push(phone.UserId, sent, Guid.NewGuid())).StatusCode);
    }

    [Theory]
    [InlineData(160, "連携する", "https://coop.example/link/abc", 200)]
    [InlineData(161, "連携する", "https://coop.example/link/abc", 400)]
    [InlineData(160, "二十文字を超える長い長い長い長いラベル長い", "https://coop.example/link/abc", 400)]
    [InlineData(160, "連携する", "https://coop.example/連携", 400)]
    [InlineData(160, "連携する", "ftp://coop.example/link", 400)]
    public async Task Given_a_button_message_then_its_limits_decide(int length, string label, string uri, int status)
    {
        var message = new
        {
            type = "template",
            altText = "ご案内",
            template = new
            {
                type = "buttons",
                text = new string('あ', length),
                actions = new[] { new { type = "uri", label, uri } },
            },
        };

        var body = new { to = line.Phone().UserId, messages = new[] { message } };
        var answer = await Post("/v2/bot/message/push", body, Guid.NewGuid());

        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Given_a_button_message_then_the_phone_knows_where_its_button_leads()
    {
        var phone = line.Phone();
        await phone.Follow();
        var actions = new[] { new { type = "uri", label = "連携する", uri = "https://coop.example/link/abc" } };
        var template = new { type = "buttons", text = "連携", actions };
        var message = new { type = "template", altText = "ご案内", template };

        await Post("/v2/bot/message/push", new { to = phone.UserId, messages = new[] { message } }, Guid.NewGuid());

        Assert.Equal(new("https://coop.example/link/abc"), phone.LastLinkUri);
        var button = Assert.Single(phone.Messages[0].Buttons);
        Assert.Equal("連携する", button.Label);
    }

    [Fact]
    public async Task Given_a_wrong_channel_token_then_401()
    {
        client.DefaultRequestHeaders.Authorization = new("Bearer", "another");

        var answer = await Push(line.Phone().UserId, "こんにちは", Guid.NewGuid());

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task Given_a_stateless_token_then_it_works_for_fifteen_minutes()
    {
        var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = line.Options.ChannelId,
            ["client_secret"] = line.Options.ChannelSecret,
        });
        var answer = await client.PostAsync("/oauth2/v3/token", form, Cancelled);
        var issued = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
        var token = issued.GetProperty("access_token").GetString();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/v2/bot/info", Cancelled)).StatusCode);
        clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/v2/bot/info", Cancelled)).StatusCode);
    }

    [Fact]
    public async Task Given_id_tokens_then_good_ones_name_the_user_and_bad_ones_say_why()
    {
        var phone = line.Phone();

        Assert.Equal(phone.UserId, (await Verify(phone.IdToken())).GetProperty("sub").GetString());
        Assert.Equal("IdToken expired.", await Refusal(phone.IdToken(life: TimeSpan.FromSeconds(-1))));
        Assert.Equal("Invalid IdToken Audience.", await Refusal(phone.IdToken(audience: "1111111111")));
        Assert.Equal("Invalid IdToken Issuer.", await Refusal(phone.IdToken(issuer: "https://example.com")));
        var parts = phone.IdToken().Split('.');
        var otherClaims = line.Phone().IdToken().Split('.')[1];
        Assert.Equal("Invalid IdToken.", await Refusal($"{parts[0]}.{otherClaims}.{parts[2]}"));

        async Task<string?> Refusal(string token) => (await Verify(token)).GetProperty("error_description").GetString();
    }

    [Fact]
    public async Task Given_a_connection_dropped_after_the_request_took_effect_then_the_retry_conflicts()
    {
        var phone = line.Phone();
        await phone.Follow();
        var key = Guid.NewGuid();
        line.Trouble.DropAfter(LineCall.Push);

        await Assert.ThrowsAsync<HttpRequestException>(() => Push(phone.UserId, "一度だけ", key));
        Assert.Equal(HttpStatusCode.Conflict, (await Push(phone.UserId, "一度だけ", key)).StatusCode);

        Assert.Single(phone.Messages);
    }

    [Fact]
    public async Task Given_a_connection_dropped_before_then_the_retry_is_the_first()
    {
        var phone = line.Phone();
        await phone.Follow();
        var key = Guid.NewGuid();
        line.Trouble.DropBefore(LineCall.Push);

        await Assert.ThrowsAsync<HttpRequestException>(() => Push(phone.UserId, "一度だけ", key));
        Assert.Empty(phone.Messages);
        Assert.Equal(HttpStatusCode.OK, (await Push(phone.UserId, "一度だけ", key)).StatusCode);
    }

    [Fact]
    public async Task Given_two_failures_planned_then_the_third_call_succeeds()
    {
        var phone = line.Phone();
        line.Trouble.RateLimit(LineCall.Push);
        line.Trouble.Fail(LineCall.Any);
        var key = Guid.NewGuid();

        Assert.Equal(HttpStatusCode.TooManyRequests, (await Push(phone.UserId, "三度目", key)).StatusCode);
        Assert.Equal(HttpStatusCode.InternalServerError, (await Push(phone.UserId, "三度目", key)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Push(phone.UserId, "三度目", key)).StatusCode);
        Assert.Equal([429, 500, 200], line.Calls.Select(call => call.Status));
    }

    [Fact]
    public async Task Given_a_hold_then_the_call_takes_effect_only_when_released()
    {
        var phone = line.Phone();
        await phone.Follow();
        var hold = line.Trouble.Hold(LineCall.Push);

        var push = Push(phone.UserId, "あとで", Guid.NewGuid());
        await line.WaitForCall(call => call.Name == LineCall.Push);
        Assert.Empty(phone.Messages);
        hold.Dispose();

        Assert.Equal(HttpStatusCode.OK, (await push).StatusCode);
        Assert.Single(phone.Messages);
    }

    [Fact]
    public async Task Given_webhooks_held_back_then_they_come_in_the_order_asked_for()
    {
        var phone = line.Phone();
        line.Trouble.Webhooks.HoldBack = true;
        Assert.Null(await phone.Follow());
        Assert.Null(await phone.Block());
        Assert.Empty(receiver.Received);

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK], await line.ReleaseWebhooks(latestFirst: true));

        Assert.Equal(
            ["unfollow", "follow"],
            receiver.Events().Select(occurrence => occurrence.GetProperty("type").GetString()));
    }

    [Fact]
    public async Task Given_an_answer_that_is_not_2xx_then_the_same_event_is_redelivered_and_flagged()
    {
        receiver.FailNext = 1;
        line.Trouble.Webhooks.Redeliveries = 3;

        Assert.Equal(HttpStatusCode.OK, await line.Phone().Follow());

        var (first, second) = (receiver.Events()[0], receiver.Events()[1]);
        Assert.Equal(2, receiver.Events().Count);
        Assert.Equal(first.GetProperty("webhookEventId").GetString(), second.GetProperty("webhookEventId").GetString());
        Assert.False(first.GetProperty("deliveryContext").GetProperty("isRedelivery").GetBoolean());
        Assert.True(second.GetProperty("deliveryContext").GetProperty("isRedelivery").GetBoolean());
    }

    [Fact]
    public async Task Given_Production_then_it_does_not_start()
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(
            () => LineSimulator.Start(new() { EnvironmentName = "Production" }, clock));

        Assert.Contains("Production", refused.Message, StringComparison.Ordinal);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private async Task<HttpResponseMessage> Reply(string replyToken, Guid? retryKey = null) =>
        await Post("/v2/bot/message/reply", new { replyToken, messages = Texts("はい") }, retryKey);

    private async Task<HttpResponseMessage> Push(string to, string text, Guid retryKey) =>
        await Post("/v2/bot/message/push", new { to, messages = Texts(text) }, retryKey);

    private static object Menu => new
    {
        size = new { width = 2500, height = 843 },
        selected = true,
        name = "another",
        chatBarText = "メニュー",
        areas = Array.Empty<object>(),
    };

    private async Task<string> NewMenu()
    {
        using var made = await Post("/v2/bot/richmenu", Menu, null);
        return (await made.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("richMenuId").GetString()!;
    }

    /// <summary>A PNG as far as its size is told: the rest is not looked at.</summary>
    private async Task<int> SetPicture(string menu, int width, int height, int bytes = 100)
    {
        var png = new byte[bytes];
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), width);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), height);
        using var content = new ByteArrayContent(png) { Headers = { ContentType = new("image/png") } };
        using var answer = await client.PostAsync($"/v2/bot/richmenu/{menu}/content", content, Cancelled);
        return (int)answer.StatusCode;
    }

    private static object[] Texts(string text) => [new { type = "text", text }];

    private async Task<HttpResponseMessage> Post(string path, object body, Guid? retryKey)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        if (retryKey is { } key) request.Headers.Add("X-Line-Retry-Key", key.ToString("D"));
        return await client.SendAsync(request, Cancelled);
    }

    private async Task<Uri> Dialog(SimulatedPhone phone, string nonce)
    {
        var answer = await client.PostAsync($"/v2/bot/user/{phone.UserId}/linkToken", null, Cancelled);
        var issued = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
        var token = issued.GetProperty("linkToken").GetString();
        return new(line.BaseAddress, $"/dialog/bot/accountLink?linkToken={token}&nonce={nonce}");
    }

    private async Task<JsonElement> Verify(string token)
    {
        var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["id_token"] = token,
            ["client_id"] = line.Options.LoginChannelId,
        });
        var answer = await client.PostAsync("/oauth2/v2.1/verify", form, Cancelled);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
    }

    /// <summary>Stands where CoopLine would and keeps what arrives.</summary>
    private sealed class Receiver(WebApplication app) : IAsyncDisposable
    {
        private readonly ConcurrentQueue<(byte[] Body, string Signature)> received = new();

        public IReadOnlyCollection<(byte[] Body, string Signature)> Received => received;
        public int FailNext { get; set; }
        public Uri Url => new(app.Urls.First() + "/line/webhook");

        public static async Task<Receiver> Start()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            var app = builder.Build();
            app.Urls.Add("http://127.0.0.1:0");
            var receiver = new Receiver(app);
            app.MapPost("/line/webhook", receiver.Take);
            await app.StartAsync(Cancelled);
            return receiver;
        }

        public IReadOnlyList<JsonElement> Events() =>
        [
            .. from request in received
               from occurrence in JsonDocument.Parse(request.Body).RootElement.GetProperty("events").EnumerateArray()
               select occurrence,
        ];

        public JsonElement LastEvent() => Events()[^1];

        public string LastReplyToken() => LastEvent().GetProperty("replyToken").GetString()!;

        public ValueTask DisposeAsync() => app.DisposeAsync();

        private async Task Take(HttpContext context)
        {
            var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            received.Enqueue((body.ToArray(), context.Request.Headers["x-line-signature"].ToString()));
            if (FailNext-- > 0) context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }
    }
}
