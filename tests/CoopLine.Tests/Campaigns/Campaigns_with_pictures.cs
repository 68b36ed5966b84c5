using System.Text.Json;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Campaigns;

/// <summary>A picture is shown from the hosts that the operator named, and from nowhere else.</summary>
[OneDatabase]
[Collection(typeof(RequestHost))]
public sealed class Campaigns_with_pictures(RunningSystem coop)
{
    private const string Picture = "https://pictures.coop.example/tofu.jpg";

    [Fact]
    public async Task The_page_gets_the_address_and_may_load_it()
    {
        var (phone, _) = await coop.LinkedFriend();
        var with = await coop.Publish(Offer(Picture));
        var without = await coop.Publish(Offer(null));

        var staff = await coop.Staff().GetFromJsonAsync<JsonElement>($"/staff/v1/campaigns/{with}");
        var usable = (await coop.Available(phone)).GetProperty("usable").EnumerateArray()
            .ToDictionary(one => one.GetProperty("campaign").GetString()!);
        using var page = await coop.Http.GetAsync(new Uri(coop.Host.Address, "/coupons"));

        Assert.Equal(Picture, staff.GetProperty("picture").GetString());
        Assert.Equal(Picture, usable[with].GetProperty("picture").GetString());
        Assert.False(usable[without].TryGetProperty("picture", out _));
        Assert.Contains(
            "img-src 'self' data: https://pictures.coop.example;",
            page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_picture_is_another_version()
    {
        var id = await coop.Publish(Offer(Picture));

        using var other = await coop.Staff().PutAsJsonAsync($"/staff/v1/campaigns/{id}", Offer(Picture + "?v=2"));

        Assert.Equal(2, (await other.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task A_host_that_is_not_named_is_refused()
    {
        using var refused = await coop.Staff().PutAsJsonAsync(
            $"/staff/v1/campaigns/{Some.CampaignId()}", Offer("https://pictures.coop.example.evil.example/tofu.jpg"));

        await refused.AssertBad("picture");
    }

    private static object Offer(string? picture) => new
    {
        title = "とうふ",
        discount = new { type = "yen", value = 30 },
        items = new { categories = new[] { "1201" } },
        startsAt = "2026-11-01T00:00:00+09:00",
        endsAt = "2026-12-01T00:00:00+09:00",
        picture,
    };
}
