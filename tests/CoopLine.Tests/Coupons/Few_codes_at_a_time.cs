using CoopLine.Grains;
using CoopLine.Grains.Coupons;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace CoopLine.Tests.Coupons;

public sealed class Few_codes_at_a_time(RunningSystem coop) : IClassFixture<RunningSystem>
{
    [Fact]
    public async Task A_members_fourth_code_takes_the_place_of_the_oldest()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish(Some.Campaign(endsAt: "2027-12-01T00:00:00+09:00"));
        var codes = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            codes.Add(await coop.ShowCode(phone, tofu));
            coop.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        (await coop.Redeem(coop.Sale(codes[0]))).AssertRefused(tofu, "codeExpired");
        foreach (var live in codes[1..]) Assert.Empty(await Refusals(live));
        Assert.True((await Status(phone, codes[0]))!.Expired);
    }

    [Fact]
    public async Task However_many_codes_are_asked_for_at_once_three_are_good()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish(Some.Campaign(endsAt: "2027-12-01T00:00:00+09:00"));

        var codes = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => coop.ShowCode(phone, tofu)));

        var good = 0;
        await Eventually.Holds(
            async () =>
            {
                var statuses = await Task.WhenAll(codes.Select(code => Status(phone, code)));
                return (good = statuses.Count(status => status is { Expired: false })) == RecentCodes.LiveMax;
            },
            () => $"{good} are good");
    }

    [Fact]
    public async Task A_code_that_was_never_used_goes_after_a_day_and_a_used_one_is_kept_for_a_month()
    {
        var (phone, _) = await coop.LinkedFriend();
        var (waster, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish(Some.Campaign(endsAt: "2027-12-01T00:00:00+09:00"));
        var used = await coop.ShowCode(phone, tofu);
        var unused = await coop.ShowCode(waster, tofu);
        await coop.Redeem(coop.Sale(used));

        coop.Clock.Advance(TimeSpan.FromHours(25));
        await coop.Grains.Sweeper.Sweep();

        Assert.Null(await Status(waster, unused));
        Assert.NotNull(await Status(phone, used));

        coop.Clock.Advance(TimeSpan.FromDays(30));
        await coop.Grains.Sweeper.Sweep();
        Assert.Null(await Status(phone, used));
    }

    private Task<CodeStatus?> Status(SimulatedPhone phone, string code) =>
        coop.Grains.CouponDesk.Status(phone.UserId, code);

    private async Task<string[]> Refusals(string code) =>
    [
        .. (await coop.Redeem(coop.Sale(code), what: "evaluations")).GetProperty("refusals").EnumerateArray()
            .Select(refusal => refusal.GetProperty("reason").GetString()!),
    ];
}

[NoDatabase]
public sealed class Remembering_codes
{
    private readonly FakeTimeProvider clock = new();

    [Fact]
    public void The_oldest_of_four_live_codes_is_one_too_many_also_when_half_of_the_memory_was_dropped()
    {
        var codes = new RecentCodes(clock);
        clock.Advance(TimeSpan.FromMinutes(3));
        codes.Remember(Code("1"));
        codes.Remember(Code("2"));
        clock.Advance(TimeSpan.FromMinutes(4)); // the half that they are in is the older one now
        Assert.Empty(codes.TooMany("U1"));

        codes.Remember(Code("3"));
        clock.Advance(TimeSpan.FromSeconds(30));
        codes.Remember(Code("4"));

        Assert.Equal(["1"], codes.TooMany("U1").Select(code => code.Digits));
        Assert.Empty(codes.TooMany("U2"));
    }

    [Fact]
    public void Codes_that_are_over_do_not_count()
    {
        var codes = new RecentCodes(clock);
        foreach (var digits in (string[])["1", "2", "3"]) codes.Remember(Code(digits));
        clock.Advance(CouponCodeState.Life);
        codes.Remember(Code("4"));

        Assert.Empty(codes.TooMany("U1"));

        foreach (var digits in (string[])["5", "6", "7"]) codes.Remember(Code(digits));
        Assert.Single(codes.TooMany("U1"));
        clock.Advance(CouponCodeState.Life);
        Assert.Empty(codes.TooMany("U1"));
    }

    private KnownCode Code(string digits) => new(
        digits, new("U1", "10000001", "link", 1, [], ["tofu"], clock.GetUtcNow() + CouponCodeState.Life), Holder.Nobody);
}
