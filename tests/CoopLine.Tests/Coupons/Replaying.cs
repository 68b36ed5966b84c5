using System.Net;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Coupons;

/// <summary>The receipt is the key: the same request again gets the first answer, another one is refused.</summary>
[Collection(typeof(CouponHost))]
public sealed class Replaying(RunningSystem coop)
{
    [Fact]
    public async Task Given_a_decided_receipt_when_asked_in_parallel_then_all_get_the_first_answer()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var sale = coop.Sale(await coop.ShowCode(phone, tofu));

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => coop.Redeem(sale)));

        Assert.All(answers, answer => Assert.Equal([$"{tofu} on 1: 30"], answer.Discounts));
        Assert.Single(answers, answer => !answer.Replayed);
        Assert.Single(answers.Select(answer => answer.GetProperty("traceId").GetString()).Distinct());
        Assert.Equal([$"used {tofu} 30"], await coop.LedgerOf(sale));
    }

    [Fact]
    public async Task Given_a_decided_receipt_when_the_process_restarts_then_it_gets_the_same_answer()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var milk = await coop.Publish(Some.Campaign(jan: "4902345678905"));
        var one = coop.Sale(await coop.ShowCode(phone, tofu));
        var first = await coop.Redeem(one);
        var (other, _) = await coop.LinkedFriend();
        var several = coop.Sale(
            await coop.ShowCode(other, tofu, milk), lines: [Sale.Line(), Sale.Line(2, "4902345678905")]);
        var second = await coop.Redeem(several);

        await coop.Restart();

        AssertReplays(first, await coop.Redeem(one));
        AssertReplays(second, await coop.Redeem(several));
        Assert.Equal([$"used {tofu} 30"], await coop.LedgerOf(one));
        Assert.Equal(2, (await coop.LedgerOf(several)).Length);
    }

    [Fact]
    public async Task Given_a_decided_receipt_when_asked_a_day_later_then_it_is_still_answered()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var sale = coop.Sale(await coop.ShowCode(phone, tofu));
        var first = await coop.Redeem(sale);

        coop.Clock.Advance(TimeSpan.FromDays(1));

        AssertReplays(first, await coop.Redeem(sale));
        using var other = await Post(sale with { purchasedAt = coop.At() });
        await other.AssertProblem(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Given_a_decided_receipt_when_the_campaign_is_stopped_and_the_friend_unlinked_then_it_gets_the_same_answer()
    {
        var (phone, _) = await coop.LinkedFriend();
        var (sale, first) = await coop.Use(phone, await coop.Publish());
        using var stopped = await coop.Staff().PostAsync($"/staff/v1/campaigns/{first.Campaigns("discounts")[0]}/stop", null);
        await phone.Unlink();

        AssertReplays(first, await coop.Redeem(sale));
    }

    [Fact]
    public async Task Given_a_decided_receipt_when_only_the_form_of_the_request_differs_then_it_is_a_replay()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        object[] lines = [Sale.Line(1), Sale.Line(2, quantity: 1)];
        var sale = coop.Sale(await coop.ShowCode(phone, tofu), lines: lines);
        var first = await coop.Redeem(sale);

        var utc = coop.Clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", System.Globalization.CultureInfo.InvariantCulture);
        AssertReplays(first, await coop.Redeem(sale with { purchasedAt = utc, lines = [lines[1], lines[0]] }));
    }

    [Fact]
    public async Task Given_a_decided_receipt_when_the_body_differs_in_any_part_then_it_is_refused_and_nothing_changes()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var (sale, first) = await coop.Use(phone, tofu);
        Sale[] others =
        [
            sale with { code = "2912345678906" },
            sale with { purchasedAt = coop.At(TimeSpan.FromSeconds(1)) },
            sale with { lines = [Sale.Line(quantity: 1)] },
            sale with { lines = [Sale.Line(unitPrice: 199)] },
            sale with { lines = [Sale.Line(markdown: "unknown")] },
            sale with { lines = [Sale.Line(), Sale.Line(2)] },
        ];

        foreach (var other in others)
        {
            using var redeemed = await Post(other);
            var problem = await redeemed.AssertProblem(HttpStatusCode.UnprocessableEntity);
            Assert.Equal("urn:coopline:another-request", problem.GetProperty("type").GetString());
            using var evaluated = await coop.Till().PostAsJsonAsync("/pos/v1/evaluations", other);
            await evaluated.AssertProblem(HttpStatusCode.UnprocessableEntity);
        }

        AssertReplays(first, await coop.Redeem(sale));
        Assert.Equal([$"used {tofu} 30"], await coop.LedgerOf(sale));
    }

    [Fact]
    public async Task Given_a_refusal_when_the_till_corrects_the_same_receipt_then_it_is_decided_anew()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var wrong = coop.Sale("2912345678906");
        (await coop.Redeem(wrong)).AssertRefused(null, "codeUnknown");
        (await coop.Redeem(wrong)).AssertRefused(null, "codeUnknown");

        var right = await coop.Redeem(wrong with { code = await coop.ShowCode(phone, tofu) });

        Assert.Equal("redeemed", right.Outcome);
        Assert.False(right.Replayed);
    }

    [Fact]
    public async Task Given_an_open_receipt_when_evaluated_then_it_says_what_redeeming_says_and_changes_nothing()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var milk = await coop.Publish(Some.Campaign(jan: "4902345678905"));
        var sale = coop.Sale(await coop.ShowCode(phone, tofu, milk));

        var evaluated = await coop.Redeem(sale, what: "evaluations");
        var again = await coop.Redeem(sale, what: "evaluations");

        Assert.Empty(await coop.LedgerOf(sale));
        using var unknown = await coop.Till().GetAsync($"/pos/v1/receipts/{sale.Key}");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Contains(tofu, (await coop.Available(phone)).Campaigns("usable"));
        var redeemed = await coop.Redeem(sale);
        Assert.False(redeemed.Replayed);
        foreach (var one in new[] { evaluated, again })
        {
            Assert.False(one.Replayed);
            Assert.Equal(redeemed.Outcome, one.Outcome);
            Assert.Equal(redeemed.Discounts, one.Discounts);
            Assert.Equal(redeemed.GetProperty("refusals").GetRawText(), one.GetProperty("refusals").GetRawText());
        }

        AssertReplays(redeemed, await coop.Redeem(sale, what: "evaluations"));
    }

    [Fact]
    public async Task Given_an_evaluated_receipt_when_another_body_is_redeemed_then_the_evaluation_binds_nobody()
    {
        var (phone, _) = await coop.LinkedFriend();
        var sale = coop.Sale(await coop.ShowCode(phone, await coop.Publish()));
        await coop.Redeem(sale, what: "evaluations");

        Assert.Equal("redeemed", (await coop.Redeem(sale with { lines = [Sale.Line(quantity: 1)] })).Outcome);
    }

    [Fact]
    public async Task Given_the_same_number_at_another_register_then_it_is_another_receipt()
    {
        var (phone, _) = await coop.LinkedFriend();
        var (tofu, milk) = (await coop.Publish(), await coop.Publish());
        var (sale, _) = await coop.Use(phone, tofu);
        var number = sale.Key.Split('/')[3];

        var other = await coop.Redeem(coop.Sale(await coop.ShowCode(phone, milk)) with
        {
            receipt = new { businessDate = "2026-11-22", store = "0123", register = "5", number },
        });

        Assert.Equal("redeemed", other.Outcome);
        Assert.False(other.Replayed);
    }

    private Task<HttpResponseMessage> Post(Sale sale) => coop.Till().PostAsJsonAsync("/pos/v1/redemptions", sale);

    private static void AssertReplays(System.Text.Json.JsonElement first, System.Text.Json.JsonElement replay)
    {
        Assert.True(replay.Replayed);
        foreach (var part in new[] { "outcome", "discounts", "refusals", "traceId" })
            Assert.Equal(first.GetProperty(part).GetRawText(), replay.GetProperty(part).GetRawText());
    }
}
