using System.Net;
using System.Text.Json;
using CoopLine.Grains.Ledger;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Races;

public sealed class Redeeming_at_once(Crowd crowd) : IClassFixture<Crowd>
{
    private const int Half = Together.Callers / 2;

    private static readonly int[] FirstLine = [1];
    private static readonly object Unlink = new { reason = "機種変更", identityCheck = "運転免許証" };

    private RunningSystem Coop => crowd.Coop;

    [Fact]
    public async Task One_code_at_many_tills_is_redeemed_at_one()
    {
        var (phone, _) = await Coop.LinkedFriend();
        var tofu = await crowd.Campaigns(1);
        var code = await Coop.ShowCode(phone, tofu);

        var answers = await Together.Run(i => crowd.Redeem(
            crowd.SaleOf(code, store: Store(i)), store: Store(i)));

        OneWonAndTheOthersKnowWhere(answers);
        await Consistency.Check(Coop);
    }

    [Fact]
    public async Task Many_codes_of_one_coupon_are_redeemed_once()
    {
        var (phone, _) = await Coop.LinkedFriend();
        var tofu = await crowd.Campaigns(1);
        string[] codes = [await Coop.ShowCode(phone, tofu), await Coop.ShowCode(phone, tofu), await Coop.ShowCode(phone, tofu)];

        var answers = await Together.Run(i => crowd.Redeem(crowd.SaleOf(codes[i % codes.Length])));

        Assert.Equal(codes, codes.Distinct());
        OneWonAndTheOthersKnowWhere(answers);
        await Consistency.Check(Coop);
    }

    [Fact]
    public async Task Several_coupons_on_many_receipts_are_each_used_once()
    {
        var (phone, member) = await Coop.LinkedFriend();
        var three = await crowd.Campaigns(3);
        var code = await Coop.ShowCode(phone, three);

        var answers = await Together.Run(_ => crowd.Redeem(crowd.SaleOf(code, items: 3)));

        Assert.Equal(three.Order(), answers
            .SelectMany(answer => answer.Body.GetProperty("discounts").EnumerateArray())
            .Select(discount => discount.GetProperty("campaign").GetString()).Order());
        Assert.All(answers, answer => Assert.Equal(
            3, answer.Body.GetProperty("discounts").GetArrayLength() + answer.Body.GetProperty("refusals").GetArrayLength()));
        Assert.Equal(3, (await Uses(member)).Count);
        await Consistency.Check(Coop);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task One_receipt_fifty_times_is_decided_once(int coupons)
    {
        var (phone, member) = await Coop.LinkedFriend();
        var code = await Coop.ShowCode(phone, await crowd.Campaigns(coupons));
        var sale = crowd.SaleOf(code, coupons);

        var answers = await Together.Run(_ => crowd.Redeem(sale), callers: 50);

        Assert.All(answers, answer => Assert.True(answer.Redeemed));
        // A till that was told 503 and asked again may find what its first try decided.
        Assert.InRange(answers.Count(answer => !answer.Replayed), answers.All(answer => answer.Tries == 1) ? 1 : 0, 1);
        Assert.Single(answers.Select(answer => answer.Decision()).Distinct());
        Assert.Equal(coupons, (await Uses(member)).Count);
        await Consistency.Check(Coop);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task One_receipt_with_different_bodies_is_decided_for_one(int coupons)
    {
        var (phone, member) = await Coop.LinkedFriend();
        var code = await Coop.ShowCode(phone, await crowd.Campaigns(coupons));
        var sale = crowd.SaleOf(code, coupons);
        Sale Body(int i) => sale with { lines = [.. sale.lines, Sale.Line(100, "4900000000009", unitPrice: 100 + i)] };

        var answers = await Together.Run(i => crowd.Redeem(Body(i)));

        var winner = Array.FindIndex(answers, answer => answer.Redeemed);
        Assert.NotEqual(-1, winner);
        Assert.All(answers.Where((_, i) => i != winner), loser => Assert.Equal(HttpStatusCode.UnprocessableEntity, loser.Status));
        Assert.True(!answers[winner].Replayed || answers[winner].Tries > 1);
        Assert.True((await crowd.Redeem(Body(winner))).Replayed);
        Assert.Equal(coupons, (await Uses(member)).Count);
        await Consistency.Check(Coop);
    }

    [Fact]
    public async Task Void_against_redeem_of_the_same_receipt_uses_once_and_gives_back_at_most_once()
    {
        var (phone, member) = await Coop.LinkedFriend();
        var code = await Coop.ShowCode(phone, await crowd.Campaigns(1));
        var sale = crowd.SaleOf(code);

        var answers = await Together.Run(i => i % 2 == 0 ? crowd.Redeem(sale) : crowd.OfReceipt(sale, "/void"));

        var redeemed = answers.Where((_, i) => i % 2 == 0).ToArray();
        var voided = answers.Where((_, i) => i % 2 == 1).ToArray();
        Assert.All(redeemed, answer => Assert.Contains(answer.Outcome, new[] { "redeemed", "voided" }));
        Assert.All(voided, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.Single(voided, answer => !answer.Replayed);
        Assert.InRange((await Uses(member)).Count, 0, 1); // none when the void was first
        Assert.Equal("voided", (await crowd.Redeem(sale)).Outcome);
        await Consistency.Check(Coop);
    }

    [Fact]
    public async Task Void_of_one_receipt_against_redeem_on_others_gives_the_coupon_to_at_most_one()
    {
        var (phone, member) = await Coop.LinkedFriend();
        var code = await Coop.ShowCode(phone, await crowd.Campaigns(1));
        var first = crowd.SaleOf(code);
        Assert.True((await crowd.Redeem(first)).Redeemed);

        var answers = await Together.Run(i =>
            i % 2 == 0 ? crowd.Redeem(crowd.SaleOf(code)) : crowd.OfReceipt(first, "/void"));

        Assert.InRange(answers.Where((_, i) => i % 2 == 0).Count(answer => answer.Redeemed), 0, 1);
        Assert.Single(answers.Where((_, i) => i % 2 == 1), answer => !answer.Replayed);
        Assert.InRange((await Uses(member)).Count, 1, 2);
        await Consistency.Check(Coop);
    }

    [Theory]
    [InlineData("return")]
    [InlineData("restore")]
    public async Task Void_against_another_way_back_gives_each_coupon_back_once(string other)
    {
        var (phone, member) = await Coop.LinkedFriend();
        var two = await crowd.Campaigns(2);
        var sale = crowd.SaleOf(await Coop.ShowCode(phone, two), items: 2);
        Assert.True((await crowd.Redeem(sale)).Redeemed);

        await Together.Run(i => (i % 2, other) switch
        {
            (0, _) => crowd.OfReceipt(sale, "/void"),
            (_, "return") => crowd.OfReceipt(sale, "/returns", new { lines = FirstLine }),
            _ => crowd.OfReceipt(sale, "/restore", new { campaign = two[0], reason = "レジの誤り" }, Coop.Staff()),
        });

        var back = (await Rows(member)).Where(row => row.Amends is not null).ToArray();
        Assert.Equal(two.Order(), back.Select(row => row.Campaign).Order());
        Assert.All(back, row => Assert.True(row.GivenBack));
        await Consistency.Check(Coop);
    }

    [Fact]
    public async Task Restore_against_redeem_on_other_receipts_gives_the_coupon_to_at_most_one()
    {
        var (phone, member) = await Coop.LinkedFriend();
        var tofu = await crowd.Campaigns(1);
        var code = await Coop.ShowCode(phone, tofu);
        var first = crowd.SaleOf(code);
        Assert.True((await crowd.Redeem(first)).Redeemed);

        var answers = await Together.Run(i => i % 2 == 0
            ? crowd.Redeem(crowd.SaleOf(code))
            : crowd.OfReceipt(first, "/restore", new { campaign = tofu[0], reason = "レジの誤り" }, Coop.Staff()));

        Assert.InRange(answers.Where((_, i) => i % 2 == 0).Count(answer => answer.Redeemed), 0, 1);
        Assert.Single(await Rows(member), row => row.Kind == LedgerKind.Restored);
        await Consistency.Check(Coop);
    }

    [Fact]
    public async Task Staff_unlink_against_redeem_lets_no_later_redeem_through()
    {
        var linked = await crowd.LinkedFriends(Half);
        var tofu = await crowd.Campaigns(1, members: Half);
        var codes = await Task.WhenAll(linked.Select(one => Coop.ShowCode(one.Phone, tofu)));

        var answers = await Together.Run(i => i % 2 == 0
            ? crowd.Redeem(crowd.SaleOf(codes[i / 2]))
            : Answered.To(() => Coop.Staff().PostAsJsonAsync($"/staff/v1/members/{linked[i / 2].Member.Number}/unlink", Unlink)));
        var later = await Task.WhenAll(codes.Select(code => crowd.Redeem(crowd.SaleOf(code))));

        Assert.All(answers.Where((_, i) => i % 2 == 1), unlinked => Assert.Equal(HttpStatusCode.OK, unlinked.Status));
        Assert.All(answers.Where((_, i) => i % 2 == 0), answer => Assert.True(answer.Redeemed || answer.Reason == "notLinked"));
        Assert.All(later, answer => Assert.Equal("notLinked", answer.Reason));
        await Consistency.Check(Coop);
    }

    [Fact]
    public async Task Campaign_stop_against_redeem_lets_no_later_redeem_through()
    {
        var linked = await crowd.LinkedFriends(Half);
        var tofu = await crowd.Campaigns(1, members: Half);
        var codes = await Task.WhenAll(linked.Select(one => Coop.ShowCode(one.Phone, tofu)));

        var answers = await Together.Run(i => i % 2 == 0
            ? crowd.Redeem(crowd.SaleOf(codes[i / 2]))
            : Answered.To(() => Coop.Staff().PostAsync($"/staff/v1/campaigns/{tofu[0]}/stop", null)));
        var later = await Task.WhenAll(codes.Select(code => crowd.Redeem(crowd.SaleOf(code))));

        Assert.All(answers.Where((_, i) => i % 2 == 0), answer => Assert.True(answer.Redeemed || answer.Reason == "stopped"));
        Assert.All(later, answer => Assert.Equal("stopped", answer.Reason));
        Assert.Single(
            await StoredState.Ledger(Coop.Host.Services.GetRequiredService<ILedger>()),
            row => row.Kind == LedgerKind.CampaignStopped && row.Campaign == tofu[0]);
        await Consistency.Check(Coop);
    }

    private static string Store(int i) => i % 2 == 0 ? "0123" : "0456";

    private static void OneWonAndTheOthersKnowWhere(Answered[] answers)
    {
        var winner = Assert.Single(answers, answer => answer.Redeemed);
        Assert.All(answers.Where(answer => answer != winner), loser =>
        {
            var refusal = Assert.Single(loser.Body.GetProperty("refusals").EnumerateArray());
            Assert.Equal("refused", loser.Outcome);
            Assert.Equal("alreadyUsed", refusal.GetProperty("reason").GetString());
            Assert.Equal(JsonValueKind.String, refusal.GetProperty("usedAt").ValueKind);
            Assert.Equal(JsonValueKind.String, refusal.GetProperty("usedStore").ValueKind);
        });
    }

    private async Task<List<LedgerRow>> Rows(RegisteredMember member) =>
        [.. (await StoredState.Ledger(Coop.Host.Services.GetRequiredService<ILedger>())).Where(row => row.Member == member.Number)];

    private async Task<List<LedgerRow>> Uses(RegisteredMember member) =>
        [.. (await Rows(member)).Where(row => row.Kind == LedgerKind.Used)];
}
