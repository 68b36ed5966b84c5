using CoopLine.Grains;
using CoopLine.Grains.Coupons;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Coupons;

/// <summary>Every reason for which a till hears no, with a Japanese sentence; nothing is used by it.</summary>
[Collection(typeof(CouponHost))]
public sealed class Refusing(RunningSystem coop)
{
    [Fact]
    public async Task CodeUnknown_for_digits_that_were_never_shown()
    {
        var sale = coop.Sale("2912345678906");

        (await coop.Redeem(sale)).AssertRefused(null, "codeUnknown");

        Assert.Empty(await coop.LedgerOf(sale));
    }

    [Theory]
    [InlineData("2912345678905")]
    [InlineData("0000000000001")]
    public async Task CodeMistyped_when_the_check_digit_does_not_fit(string code) =>
        (await coop.Redeem(coop.Sale(code))).AssertRefused(null, "codeMistyped");

    [Fact]
    public async Task A_coupon_that_is_refused_wakes_no_receipt()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var code = await coop.ShowCode(phone, tofu);
        coop.Clock.Advance(TimeSpan.FromMinutes(5));
        var sale = coop.Sale(code);

        (await coop.Redeem(sale)).AssertRefused(tofu, "codeExpired");

        Assert.True(ReceiptKey.TryParse(sale.Key, out var receipt));
        var silos = coop.Grains.GetGrain<IManagementGrain>(0);
        Assert.Null(await silos.GetActivationAddress(coop.Grains.Receipt(receipt)));
        await coop.Grains.Receipt(receipt).Report();
        Assert.NotNull(await silos.GetActivationAddress(coop.Grains.Receipt(receipt)));
    }

    [Fact]
    public async Task CodeExpired_at_exactly_five_minutes_and_not_before()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var code = await coop.ShowCode(phone, tofu);

        coop.Clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromMilliseconds(1));
        var evaluated = await coop.Redeem(coop.Sale(code), what: "evaluations");
        coop.Clock.Advance(TimeSpan.FromMilliseconds(1));
        var late = await coop.Redeem(coop.Sale(code));

        Assert.Equal("redeemed", evaluated.Outcome);
        late.AssertRefused(tofu, "codeExpired");
        Assert.Equal("redeemed", (await coop.Use(phone, tofu)).Answer.Outcome);
    }

    [Fact]
    public async Task CodeExpired_whatever_purchase_time_the_till_sends()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var code = await coop.ShowCode(phone, tofu);

        coop.Clock.Advance(TimeSpan.FromMinutes(5));
        var answer = await coop.Redeem(coop.Sale(code, purchased: TimeSpan.FromMinutes(-2)));

        answer.AssertRefused(tofu, "codeExpired");
    }

    [Fact]
    public async Task NotLinked_when_the_friend_has_unlinked_since()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var code = await coop.ShowCode(phone, tofu);
        await phone.Unlink();

        var sale = coop.Sale(code);
        (await coop.Redeem(sale)).AssertRefused(tofu, "notLinked");

        Assert.Empty(await coop.LedgerOf(sale));
    }

    [Fact]
    public async Task NotLinked_when_the_friend_has_unlinked_and_linked_again_since()
    {
        var (phone, member) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var code = await coop.ShowCode(phone, tofu);
        await phone.Unlink();
        await coop.Link(phone, member);

        (await coop.Redeem(coop.Sale(code))).AssertRefused(tofu, "notLinked");
    }

    [Fact]
    public async Task NotLinked_when_staff_have_unlinked_since()
    {
        var (phone, member) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var code = await coop.ShowCode(phone, tofu);
        await coop.UnlinkByStaff(member);

        (await coop.Redeem(coop.Sale(code))).AssertRefused(tofu, "notLinked");
    }

    [Fact]
    public async Task NotLinked_when_the_member_has_left_the_coop_since()
    {
        var (phone, member) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var code = await coop.ShowCode(phone, tofu);
        await coop.Register(member with { Status = "withdrawn" });

        (await coop.Redeem(coop.Sale(code))).AssertRefused(tofu, "notLinked");
    }

    [Fact]
    public async Task NotInAudience_when_the_member_does_not_use_that_business()
    {
        var (phone, member) = await coop.LinkedFriend("home");
        var tofu = await coop.Publish(Some.Campaign(businesses: ["home", "group"]));
        var code = await coop.ShowCode(phone, tofu);
        await coop.Register(member with { Businesses = "store" });

        (await coop.Redeem(coop.Sale(code))).AssertRefused(tofu, "notInAudience");
    }

    [Fact]
    public async Task NotStarted_before_the_first_moment_of_the_campaign_by_the_tills_clock()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish(Some.Campaign(startsAt: coop.At()));
        var code = await coop.ShowCode(phone, tofu);

        (await coop.Redeem(coop.Sale(code, purchased: TimeSpan.FromMilliseconds(-1)))).AssertRefused(tofu, "notStarted");

        Assert.Equal("redeemed", (await coop.Redeem(coop.Sale(code))).Outcome);
    }

    [Fact]
    public async Task Ended_from_the_first_moment_after_the_campaign_by_the_tills_clock()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish(Some.Campaign(endsAt: coop.At(TimeSpan.FromMinutes(2))));
        var code = await coop.ShowCode(phone, tofu);

        (await coop.Redeem(coop.Sale(code, purchased: TimeSpan.FromMinutes(2)))).AssertRefused(tofu, "ended");

        var justBefore = TimeSpan.FromMinutes(2) - TimeSpan.FromMilliseconds(1);
        Assert.Equal("redeemed", (await coop.Redeem(coop.Sale(code, purchased: justBefore))).Outcome);
    }

    [Fact]
    public async Task The_purchase_time_decides_also_when_the_request_comes_after_the_end()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish(Some.Campaign(endsAt: coop.At(TimeSpan.FromMinutes(2))));
        var code = await coop.ShowCode(phone, tofu);

        coop.Clock.Advance(TimeSpan.FromMinutes(3));
        var answer = await coop.Redeem(coop.Sale(code, purchased: TimeSpan.FromMinutes(-2)));

        Assert.Equal("redeemed", answer.Outcome);
    }

    [Fact]
    public async Task Stopped_at_once_and_taken_again_when_published_again()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var code = await coop.ShowCode(phone, tofu);

        using var stopped = await coop.Staff().PostAsync($"/staff/v1/campaigns/{tofu}/stop", null);
        var refused = await coop.Redeem(coop.Sale(code));
        using var published = await coop.Staff().PostAsync($"/staff/v1/campaigns/{tofu}/publish", null);
        var taken = await coop.Redeem(coop.Sale(code));

        Assert.True(stopped.IsSuccessStatusCode && published.IsSuccessStatusCode);
        refused.AssertRefused(tofu, "stopped");
        Assert.Equal("redeemed", taken.Outcome);
    }

    [Fact]
    public async Task StoreNotEligible_in_another_store()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish(Some.Campaign(stores: ["0456"]));
        var code = await coop.ShowCode(phone, tofu);

        (await coop.Redeem(coop.Sale(code))).AssertRefused(tofu, "storeNotEligible");

        Assert.Equal("redeemed", (await coop.Redeem(coop.Sale(code, "0456"), "0456")).Outcome);
    }

    [Fact]
    public async Task NoEligibleItem_when_nothing_on_the_receipt_is_meant()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var code = await coop.ShowCode(phone, tofu);

        (await coop.Redeem(coop.Sale(code, lines: [Sale.Line(jan: "4902345678905")]))).AssertRefused(tofu, "noEligibleItem");
    }

    [Fact]
    public async Task Prefixes_and_categories_name_items_too()
    {
        var (phone, _) = await coop.LinkedFriend();
        var prefix = await coop.Publish(Wide(new { janPrefixes = new[] { "49023" } }));
        var category = await coop.Publish(Wide(new { categories = new[] { "0815" } }));
        var code = await coop.ShowCode(phone, prefix, category);

        var answer = await coop.Redeem(coop.Sale(code, lines:
        [
            Sale.Line(1, quantity: 1),
            Sale.Line(2, "4902345678905", 1),
            new { line = 3, category = "0815", quantity = 1, unitPrice = 100, markdown = "no" },
        ]));

        Assert.Equal([$"{prefix} on 2: 30", $"{category} on 3: 30"], answer.Discounts);

        object Wide(object items) => new
        {
            title = "えらべる",
            discount = new { type = "yen", value = 30 },
            items,
            startsAt = coop.At(TimeSpan.FromDays(-1)),
            endsAt = coop.At(TimeSpan.FromDays(1)),
        };
    }

    [Fact]
    public async Task AlreadyUsed_names_the_store_and_the_time_in_Japan()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var code = await coop.ShowCode(phone, tofu);
        await coop.Redeem(coop.Sale(code, "0456"), "0456");

        var refusal = (await coop.Redeem(coop.Sale(code))).AssertRefused(tofu, "alreadyUsed");

        Assert.Equal("0456", refusal.GetProperty("usedStore").GetString());
        Assert.Contains("0456店", refusal.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.EndsWith("+09:00", refusal.GetProperty("usedAt").GetString(), StringComparison.Ordinal);
    }
}
