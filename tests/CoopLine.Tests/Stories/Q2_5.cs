using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Stories;

/// <summary>
/// 「LINEクーポンを使う」を押したとき「LINEのログイン画面」が表示されクーポンが使えません。 —
/// 「LINEアプリでログイン」を押してください。メールアドレス、パスワードは不要です。
/// </summary>
[Collection(typeof(StoryHost))]
public sealed class Q2_5(RunningSystem coop)
{
    [Fact]
    public async Task The_page_opens_without_a_login_and_says_what_to_press_and_whom_to_call()
    {
        using var response = await coop.Http.GetAsync(new Uri(coop.Host.Address, "/coupons"));
        var page = await response.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("「LINEアプリでログイン」を押してください", page, StringComparison.Ordinal);
        Assert.Contains("メールアドレスとパスワードは、いりません", page, StringComparison.Ordinal);
        Assert.Contains("LINEクーポンを使う", page, StringComparison.Ordinal);
        foreach (var contact in new[] { "コープさくら", "0120-000-111", "月~土 9時~18時" })
            Assert.Contains(contact, page, StringComparison.Ordinal);
        Assert.False(response.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task Who_is_not_signed_in_is_told_so_and_after_LINEs_login_the_coupon_can_be_used()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        using var stranger = new HttpClient { BaseAddress = coop.Host.Address };

        using var refused = await stranger.PostAsJsonAsync("/coupons/codes", new { campaigns = new[] { tofu } });
        var problem = await refused.AssertProblem(HttpStatusCode.Unauthorized);
        Assert.Equal("signInAgain", problem.GetProperty("reason").GetString());
        Assert.Equal("LINEでの確認が切れています。画面を閉じて、もう一度開いてください。", problem.GetProperty("detail").GetString());

        // LINE's login hands the page an id token: no mail address, no password.
        stranger.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", phone.IdToken());
        using var issued = await stranger.PostAsJsonAsync("/coupons/codes", new { campaigns = new[] { tofu } });
        var code = (await issued.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString()!;

        var sale = coop.Sale(code);
        Assert.Equal("redeemed", (await coop.Redeem(sale)).Outcome);
        Assert.Equal([$"used {tofu} 30"], await coop.LedgerOf(sale));
    }

    [Fact]
    public async Task Who_is_signed_in_is_not_asked_again_when_pressing_the_button()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var session = (await coop.Available(phone)).GetProperty("session").GetString();
        using var page = new HttpClient { BaseAddress = coop.Host.Address };
        page.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", session);

        using var issued = await page.PostAsJsonAsync("/coupons/codes", new { campaigns = new[] { tofu } });

        Assert.Equal(HttpStatusCode.OK, issued.StatusCode);
    }
}
