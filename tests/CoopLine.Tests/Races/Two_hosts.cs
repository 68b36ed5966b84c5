using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoopLine.Grains;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Redemptions;
using CoopLine.Grains.Storage;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;
using CoopLine.Webhook.Pos;
using Orleans.Storage;
using Host = CoopLine.Tests.Fixtures.Host;

namespace CoopLine.Tests.Races;

/// <summary>
/// Two processes that know nothing of each other on one database: every grain has two activations, as for a while after
/// a failure. Only the database decides.
/// </summary>
public sealed class Two_hosts(Rivals rivals) : IClassFixture<Rivals>
{
    private const int Rounds = 16;

    private RunningSystem Coop => rivals.Crowd.Coop;

    private Crowd Crowd => rivals.Crowd;

    [Fact]
    public async Task One_coupon_on_different_receipts_is_redeemed_once()
    {
        var (phone, member) = await Coop.LinkedFriend();
        foreach (var campaign in await Campaigns())
        {
            var code = await Coop.ShowCode(phone, campaign);

            var answers = await Together.Run(i => Redeem(Crowd.SaleOf(code), i), callers: 4);

            Assert.Single(answers, answer => answer.Redeemed);
            Assert.Equal(3, answers.Count(answer => answer.Outcome == "refused" && answer.Reason == "alreadyUsed"));
        }

        Assert.Equal(Rounds, await Uses(member));
        await Consistency.Check(Coop, Coop.Host, rivals.Rival);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task One_receipt_is_decided_once_and_gets_one_answer(int coupons)
    {
        var (phone, member) = await Coop.LinkedFriend();
        foreach (var campaigns in (await Campaigns(coupons)).Chunk(coupons))
        {
            var sale = Sale(await Coop.ShowCode(phone, campaigns), coupons);

            var answers = await Together.Run(i => Redeem(sale, i), callers: 4);

            Assert.All(answers, answer => Assert.True(answer.Redeemed));
            Assert.Single(answers.Select(answer => answer.Decision()).Distinct());
            // None, if one host decided and the other one finished what was decided.
            Assert.InRange(answers.Count(answer => !answer.Replayed), 0, 1);
        }

        Assert.Equal(Rounds * coupons, await Uses(member));
        await Consistency.Check(Coop, Coop.Host, rivals.Rival);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task One_receipt_with_two_bodies_is_decided_for_one(int coupons)
    {
        var (phone, member) = await Coop.LinkedFriend();
        foreach (var campaigns in (await Campaigns(coupons)).Chunk(coupons))
        {
            var sale = Sale(await Coop.ShowCode(phone, campaigns), coupons);
            var other = sale with { lines = [.. sale.lines, Fixtures.Sale.Line(9, "4900000000009")] };

            var answers = await Together.Run(i => Redeem(i < 2 ? sale : other, i), callers: 4);

            OneBodyWon(answers[..2], answers[2..]);
        }

        Assert.Equal(Rounds * coupons, await Uses(member));
        await Consistency.Check(Coop, Coop.Host, rivals.Rival);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(2, 2)]
    public async Task One_receipt_with_two_bodies_of_different_coupons_is_decided_for_one(int few, int many)
    {
        var (phone, _) = await Coop.LinkedFriend();
        foreach (var campaigns in (await Campaigns(few + many)).Chunk(few + many))
        {
            var sale = Sale(await Coop.ShowCode(phone, campaigns[..few]), few + many);
            var other = sale with { code = await Coop.ShowCode(phone, campaigns[few..]) };

            var answers = await Together.Run(i => Redeem(i < 2 ? sale : other, i), callers: 4);

            OneBodyWon(answers[..2], answers[2..]);
        }

        await Consistency.Check(Coop, Coop.Host, rivals.Rival);
    }

    /// <param name="known">The line whose coupon both hosts know; the other one is known to the first host only.</param>
    /// <param name="written">How many of the two are used when the other host decides.</param>
    /// <param name="recorded">How many are in the answer of the decision that is recorded.</param>
    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(2, 0, 1)]
    [InlineData(1, 1, 2)]
    [InlineData(2, 1, 2)]
    public async Task Of_two_decisions_on_one_request_one_is_recorded_and_answered(int known, int written, int recorded)
    {
        var (phone, member) = await Coop.LinkedFriend();
        var (sale, _) = await SaleThatTheRivalKnowsHalf(phone, known);

        var use = Coop.Faults.Hold(StateNames.Coupon, written + 1);
        var two = Redeem(sale, 0);
        await use.Reached;
        var one = await Redeem(sale, 1);
        use.Release();

        Assert.Equal(one.Decision(), (await two).Decision());
        Assert.Equal(one.Decision(), (await Redeem(sale, 0)).Decision());
        Assert.Equal(one.Decision(), (await Redeem(sale, 1)).Decision());
        Assert.Equal(recorded, one.Body.GetProperty("discounts").GetArrayLength());
        Assert.Equal(recorded, await Uses(member));
        await Consistency.Check(Coop, Coop.Host, rivals.Rival);
    }

    [Fact]
    public async Task A_plan_does_not_count_the_coupon_that_another_decision_of_its_receipt_used()
    {
        var (phone, member) = await Coop.LinkedFriend();
        var (sale, newer) = await SaleThatTheRivalKnowsHalf(phone, known: 1);
        var elsewhere = Sale(await Coop.ShowCode(phone, newer), 2);

        var use = Coop.Faults.Hold(StateNames.Coupon);
        var plan = Redeem(sale, 0);
        await use.Reached;
        var one = await Redeem(sale, 1);
        Assert.True((await Redeem(elsewhere, 0)).Redeemed);
        use.Release();

        Assert.Equal(one.Decision(), (await plan).Decision());
        Assert.Equal(one.Decision(), (await Redeem(sale, 1)).Decision());
        Assert.Equal(2, await Uses(member));
        await Consistency.Check(Coop, Coop.Host, rivals.Rival);
    }

    [Fact]
    public async Task A_code_of_one_host_is_redeemed_once_at_the_other()
    {
        var (phone, member) = await Coop.LinkedFriend();
        foreach (var (round, campaign) in (await Campaigns()).Index())
        {
            using var asked = await Coop.Member(phone, Of(round)).PostAsJsonAsync("/coupons/codes", new { campaigns = new[] { campaign } });
            var code = (await asked.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString()!;

            Assert.True((await Redeem(Crowd.SaleOf(code), round + 1)).Redeemed);
            Assert.Equal("alreadyUsed", (await Redeem(Crowd.SaleOf(code), round)).Reason);
        }

        Assert.Equal(Rounds, await Uses(member));
        await Consistency.Check(Coop, Coop.Host, rivals.Rival);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_sale_and_its_void_on_both_at_the_same_moment_leave_nothing_used(int coupons)
    {
        var (phone, _) = await Coop.LinkedFriend();
        foreach (var campaigns in (await Campaigns(coupons)).Chunk(coupons))
        {
            var sale = Sale(await Coop.ShowCode(phone, campaigns), coupons);

            var answers = await Together.Run(
                () => Void(sale, 0), () => Void(sale, 1), () => Redeem(sale, 0), () => Redeem(sale, 1));

            Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
            Assert.All(answers[2..], answer => Assert.Contains(answer.Outcome, new[] { "redeemed", "partial", "voided" }));
            Assert.Equal("voided", (await Redeem(sale, 0)).Outcome);
            Assert.Equal("voided", (await Redeem(sale, 1)).Outcome);
        }

        await Consistency.Check(Coop, Coop.Host, rivals.Rival);
    }

    [Fact]
    public async Task Void_and_redeem_of_one_coupon_on_both_leave_one_use_at_most()
    {
        var (phone, _) = await Coop.LinkedFriend();
        foreach (var campaign in await Campaigns())
        {
            var code = await Coop.ShowCode(phone, campaign);
            var first = Crowd.SaleOf(code);
            Assert.True((await Redeem(first, 0)).Redeemed);

            var answers = await Together.Run(
                () => Void(first, 0), () => Void(first, 1), () => Redeem(Crowd.SaleOf(code), 0), () => Redeem(Crowd.SaleOf(code), 1));

            Assert.InRange(answers[2..].Count(answer => answer.Redeemed), 0, 1);
        }

        await Consistency.Check(Coop, Coop.Host, rivals.Rival);
    }

    [Fact]
    public async Task One_number_and_two_accounts_get_one_link()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var member = await Coop.NewMember();
            SimulatedPhone[] phones = [await Coop.NewFriend(), await Coop.NewFriend()];
            JsonObject[] links = [await LinkEvent(phones[0], member), await LinkEvent(phones[1], member)];

            await Together.Run(i => Deliver(links[i % 2], i), callers: 4);

            await FinishLeftOvers();
            // Each host has an account grain of its own, and only one of them made the link: the phones know both.
            var winner = Assert.Single(
                phones, phone => phone.Messages.Any(message => message.Text.Contains("連携が完了しました", StringComparison.Ordinal)));
            var loser = phones.Single(phone => phone != winner);
            Assert.Single(winner.Messages, message => message.Text.Contains("連携が完了しました", StringComparison.Ordinal));
            Assert.Single(loser.Messages, message => message.Text.Contains("すでに別のLINEと連携", StringComparison.Ordinal));
        }

        await Consistency.Check(Coop, Coop.Host, rivals.Rival);
    }

    [Fact]
    public async Task One_account_and_two_numbers_get_one_link()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var (one, other) = (await Coop.NewMember(), await Coop.NewMember());
            var phone = await Coop.NewFriend();
            var page = await Coop.TapLink(phone);
            using var opened = await Coop.Http.GetAsync(page);
            JsonObject[] links = [await LinkEvent(phone, one, page), await LinkEvent(phone, other, page)];

            await Together.Run(i => Deliver(links[i / 2], i), callers: 4);

            await FinishLeftOvers();
            Assert.Single(
                await StoredState.Ledger(Coop.Host.Services.GetRequiredService<ILedger>()),
                row => row.Kind == LedgerKind.Linked && row.Account == phone.UserId);
            Assert.Single(phone.Messages, message => message.Text.Contains("連携が完了しました", StringComparison.Ordinal));
        }

        await Consistency.Check(Coop, Coop.Host, rivals.Rival);
    }

    [Fact]
    public async Task A_host_does_not_deny_from_memory_what_the_other_one_wrote()
    {
        var (phone, _) = await Coop.LinkedFriend();
        var campaign = (await Campaigns())[0];
        var code = await Coop.ShowCode(phone, campaign);
        var (first, second) = (Crowd.SaleOf(code), Crowd.SaleOf(code));
        await Coop.Redeem(first, what: "evaluations", at: Coop.Till(host: rivals.Rival)); // remembers the coupon as free
        Assert.True((await Redeem(first, 0)).Redeemed);

        var voided = await Void(first, 1);
        Assert.Equal("voided", voided.Body.GetProperty("uses")[0].GetProperty("state").GetString());
        Assert.False(voided.Replayed);

        // The first host remembers it as used.
        Assert.True((await Redeem(second, 0)).Redeemed);
        await Consistency.Check(Coop, Coop.Host, rivals.Rival);
    }

    [Fact]
    public async Task A_host_that_knew_the_receipt_as_open_does_not_refuse_what_the_other_one_decided()
    {
        var (phone, _) = await Coop.LinkedFriend();
        var sale = Crowd.SaleOf(await Coop.ShowCode(phone, await Crowd.Campaigns(1)));
        await Coop.Redeem(sale, what: "evaluations", at: Coop.Till(host: rivals.Rival));
        var decided = await Redeem(sale, 0);

        Coop.Clock.Advance(TimeSpan.FromMinutes(6)); // The code is over.

        Assert.Equal(decided.Decision(), (await Redeem(sale, 1)).Decision());
    }

    [Fact]
    public async Task Staff_unlink_at_a_host_that_knew_the_number_as_free()
    {
        var member = await Coop.NewMember();
        Assert.Equal(JsonValueKind.Null, await LinkAt(rivals.Rival));
        await Coop.Link(await Coop.NewFriend(), member);
        Assert.Equal(JsonValueKind.Object, await LinkAt(Coop.Host));

        using var staff = Coop.Staff(rivals.Rival);
        using var unlinked = await staff.PostAsJsonAsync(
            $"/staff/v1/members/{member.Number}/unlink", new { reason = "機種変更", identityCheck = "組合員証" });

        Assert.Equal(HttpStatusCode.OK, unlinked.StatusCode);
        Assert.Equal(JsonValueKind.Null, await LinkAt(Coop.Host));
        await Consistency.Check(Coop, Coop.Host, rivals.Rival);

        async Task<JsonValueKind> LinkAt(Host host)
        {
            using var asked = Coop.Staff(host);
            var found = await asked.GetFromJsonAsync<JsonElement>($"/staff/v1/members/{member.Number}");
            return found.GetProperty("link").ValueKind;
        }
    }

    [Fact]
    public async Task A_host_does_not_redeem_for_a_link_that_ended_at_the_other_one()
    {
        var member = await Coop.NewMember();
        var phone = await Coop.NewFriend();
        await Coop.Link(phone, member);
        var sale = Crowd.SaleOf(await Coop.ShowCode(phone, (await Campaigns())[0]));
        await Coop.Redeem(sale, what: "evaluations", at: Coop.Till(host: rivals.Rival)); // remembers the link
        using var staff = Coop.Staff();
        using var unlinked = await staff.PostAsJsonAsync(
            $"/staff/v1/members/{member.Number}/unlink", new { reason = "機種変更", identityCheck = "組合員証" });
        Assert.Equal(HttpStatusCode.OK, unlinked.StatusCode);

        var late = await Redeem(sale, 1);

        Assert.False(late.Redeemed);
        Assert.Equal("notLinked", late.Body.GetProperty("refusals")[0].GetProperty("reason").GetString());
        await Consistency.Check(Coop, Coop.Host, rivals.Rival);
    }

    [Fact]
    public async Task A_coupon_that_an_answered_plan_did_not_get_stays_free_whoever_carries_the_plan_out_again()
    {
        var (phone, member) = await Coop.LinkedFriend();
        var campaigns = await Crowd.Campaigns(3);
        Coop.Clock.Advance(TimeSpan.FromSeconds(1));
        var sale = Sale(await Coop.ShowCode(phone, campaigns), 3);
        var elsewhere = Sale(await Coop.ShowCode(phone, campaigns[1]), 2);

        var firstUse = Coop.Faults.Hold(StateNames.Coupon, committed: true);
        var held = Redeem(sale, 0);
        await firstUse.Reached;
        Assert.True((await Redeem(elsewhere, 1)).Redeemed);
        var answer = await Redeem(sale, 1); // finishes the plan of the first host
        Assert.Equal("partial", answer.Outcome);
        Assert.Equal(HttpStatusCode.OK, (await Void(elsewhere, 1)).Status);
        firstUse.Release();

        Assert.Equal(answer.Decision(), (await held).Decision());
        Assert.Equal(answer.Decision(), (await Redeem(sale, 1)).Decision());
        Assert.Equal(3, await Uses(member));
        Assert.True((await Redeem(Sale(await Coop.ShowCode(phone, campaigns[1]), 2), 0)).Redeemed);
        await Consistency.Check(Coop, Coop.Host, rivals.Rival);
    }

    [Fact]
    public async Task A_plan_that_got_no_coupon_gets_none_later_whoever_carries_it_out_again()
    {
        var (phone, member) = await Coop.LinkedFriend();
        var campaigns = await Crowd.Campaigns(3); // the third takes no line of the sale
        Coop.Clock.Advance(TimeSpan.FromSeconds(1));
        var sale = Sale(await Coop.ShowCode(phone, campaigns), 2);
        var elsewhere = Sale(await Coop.ShowCode(phone, campaigns[..2]), 2);

        var use = Coop.Faults.Hold(StateNames.Coupon);
        var held = Redeem(sale, 0);
        await use.Reached;
        Assert.True((await Redeem(elsewhere, 1)).Redeemed);
        Assert.Equal("refused", (await Redeem(sale, 1)).Outcome); // finished the plan of the first host
        Assert.Equal(HttpStatusCode.OK, (await Void(elsewhere, 1)).Status);
        use.Release();

        // Nobody was promised anything: the till that waited has asked for a new decision.
        var answer = await held;
        Assert.Equal(2, answer.Body.GetProperty("discounts").GetArrayLength());
        Assert.Equal(campaigns[2], Assert.Single(answer.Body.GetProperty("refusals").EnumerateArray()).GetProperty("campaign").GetString());
        Assert.Equal(answer.Decision(), (await Redeem(sale, 1)).Decision());
        Assert.Equal(4, await Uses(member));
        await Consistency.Check(Coop, Coop.Host, rivals.Rival);
    }

    [Theory]
    [InlineData(1, StateNames.Coupon)]
    [InlineData(2, StateNames.Receipt)]
    public async Task A_call_that_was_repeated_and_refused_uses_nothing_when_its_first_try_goes_on(int coupons, string written)
    {
        var (phone, member) = await Coop.LinkedFriend();
        var campaigns = await Crowd.Campaigns(coupons);
        Coop.Clock.Advance(TimeSpan.FromSeconds(1));
        var sale = Sale(await Coop.ShowCode(phone, campaigns), coupons);
        var purchase = Purchase(sale);

        var write = Coop.Faults.Hold(written);
        var firstTry = Desk(Coop.Host).Redeem(purchase, repeated: false);
        await write.Reached;
        await Switch(campaigns, "stop");
        Coop.Clock.Advance(TimeSpan.FromSeconds(1));
        var told = Assert.IsType<RedeemOutcome.Answered>(await Desk(rivals.Rival).Redeem(purchase, repeated: true));
        Assert.Equal(RedemptionResult.Refused, told.Answer.Result);
        await Switch(campaigns, "publish");
        Coop.Clock.Advance(TimeSpan.FromSeconds(1));
        write.Release();
        try
        {
            Assert.Equal(RedemptionResult.Refused, Assert.IsType<RedeemOutcome.Answered>(await firstTry).Answer.Result);
        }
        catch (InconsistentStateException)
        {
            // Its write found a newer state: nothing happened.
        }

        Assert.Equal(0, await Uses(member));
        Assert.True((await Redeem(sale, 1)).Redeemed); // the till asks again, in a call of its own
        Assert.Equal(coupons, await Uses(member));
        await Consistency.Check(Coop, Coop.Host, rivals.Rival);
    }

    [Fact]
    public async Task A_call_that_was_repeated_is_not_refused_when_its_first_try_got_the_coupon_meanwhile()
    {
        var (phone, member) = await Coop.LinkedFriend();
        var campaigns = await Crowd.Campaigns(1);
        Coop.Clock.Advance(TimeSpan.FromSeconds(1));
        var sale = Sale(await Coop.ShowCode(phone, campaigns), 1);
        var purchase = Purchase(sale);

        // The repeated try is about to refuse; the first one is done just before it takes the coupon out of its reach.
        var forsaken = Coop.Faults.Hold(StateNames.Coupon);
        await Switch(campaigns, "stop");
        Coop.Clock.Advance(TimeSpan.FromSeconds(1));
        var second = Desk(rivals.Rival).Redeem(purchase, repeated: true);
        await forsaken.Reached;
        await Switch(campaigns, "publish");
        Coop.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.IsType<RedeemOutcome.Answered>(await Desk(Coop.Host).Redeem(purchase, repeated: false));
        forsaken.Release();

        await Assert.ThrowsAsync<InconsistentStateException>(() => second); // and is repeated once more
        var told = Assert.IsType<RedeemOutcome.Answered>(await Desk(rivals.Rival).Redeem(purchase, repeated: true));
        Assert.Equal((RedemptionResult.Redeemed, false), (told.Answer.Result, told.Replayed));
        Assert.False(await rivals.Rival.Grains.Coupon(campaigns[0], member.Number).Forsake(purchase.Receipt, purchase.Attempt!));
        Assert.Equal(1, await Uses(member));
    }

    [Fact]
    public async Task A_void_gives_the_coupon_back_at_a_host_that_does_not_know_the_new_campaign_yet()
    {
        var (phone, _) = await Coop.LinkedFriend();
        var older = Crowd.SaleOf(await Coop.ShowCode(phone, (await Campaigns())[0]));
        await Coop.Redeem(older, what: "evaluations", at: Coop.Till(host: rivals.Rival)); // its list of campaigns is a second good
        var sale = Crowd.SaleOf(await Coop.ShowCode(phone, (await Crowd.Campaigns(1))[0]));
        Assert.True((await Redeem(sale, 0)).Redeemed);

        var voided = await Void(sale, 1);

        Assert.True(voided.Body.GetProperty("uses")[0].GetProperty("givenBack").GetBoolean());
    }

    [Fact]
    public async Task A_campaign_is_stopped_also_by_a_host_that_remembers_it_as_stopped()
    {
        var (phone, _) = await Coop.LinkedFriend();
        var campaigns = await Crowd.Campaigns(1);
        Coop.Clock.Advance(TimeSpan.FromSeconds(1));
        var code = await Coop.ShowCode(phone, campaigns);
        await Switch(campaigns, "stop");
        await Switch(campaigns, "publish", rivals.Rival);

        await Switch(campaigns, "stop");

        Coop.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("stopped", (await Redeem(Crowd.SaleOf(code), 1)).Reason);
        await Switch(campaigns, "publish", rivals.Rival);
        Coop.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True((await Redeem(Crowd.SaleOf(code), 0)).Redeemed);
    }

    private static RedemptionDesk Desk(Host host) => host.Services.GetRequiredService<RedemptionDesk>();

    private static Purchase Purchase(Sale sale) =>
        JsonSerializer.SerializeToElement(sale).Deserialize<RedemptionRequest>(JsonSerializerOptions.Web)!.ToPurchase();

    /// <param name="how"><c>publish</c> or <c>stop</c>.</param>
    private async Task Switch(IEnumerable<string> campaigns, string how, Host? at = null)
    {
        foreach (var campaign in campaigns)
        {
            using var done = await Coop.Staff(at).PostAsync($"/staff/v1/campaigns/{campaign}/{how}", null);
            Assert.Equal(HttpStatusCode.OK, done.StatusCode);
        }
    }

    private static void OneBodyWon(params Answered[][] bodies)
    {
        var winner = Assert.Single(bodies, body => body.All(answer => answer.Status == HttpStatusCode.OK));
        Assert.All(winner, answer => Assert.True(answer.Redeemed));
        Assert.Single(winner.Select(answer => answer.Decision()).Distinct());
        Assert.All(
            bodies.Where(body => body != winner).SelectMany(body => body),
            loser => Assert.Equal(HttpStatusCode.UnprocessableEntity, loser.Status));
    }

    private Host Of(int caller) => caller % 2 == 0 ? Coop.Host : rivals.Rival;

    private Task<Answered> Redeem(Sale sale, int caller) => Crowd.Redeem(sale, Of(caller));

    private Task<Answered> Void(Sale sale, int caller) => Answered.To(() =>
        Coop.Till(host: Of(caller)).PostAsJsonAsync($"/pos/v1/receipts/{sale.Path}/void", new { }));

    private Sale Sale(string code, int items) => Crowd.SaleOf(code, items);

    /// <summary>
    /// A sale with two lines and coupons for both. The other host, whose list of campaigns is older, knows only one of them,
    /// and has looked at the receipt while nothing was decided.
    /// </summary>
    private async Task<(Sale Sale, string Newer)> SaleThatTheRivalKnowsHalf(SimulatedPhone phone, int known)
    {
        var older = (await Crowd.Campaigns(2))[known - 1];
        Coop.Clock.Advance(TimeSpan.FromSeconds(1));
        await AtTheRival(Crowd.SaleOf(await Coop.ShowCode(phone, older)));
        var newer = (await Crowd.Campaigns(2))[2 - known];
        var sale = Sale(await Coop.ShowCode(phone, older, newer), 2);
        Assert.Equal([older], (await AtTheRival(sale)).Campaigns("discounts"));
        return (sale, newer);

        Task<JsonElement> AtTheRival(Sale asked) => Coop.Redeem(asked, what: "evaluations", at: Coop.Till(host: rivals.Rival));
    }

    /// <summary>Of as many rounds; each round's campaigns are of different items.</summary>
    private async Task<string[]> Campaigns(int aRound = 1)
    {
        var ids = new List<string>();
        for (var round = 0; round < Rounds; round++) ids.AddRange(await Crowd.Campaigns(aRound));
        Coop.Clock.Advance(TimeSpan.FromSeconds(1)); // Then the other host has forgotten the older list.
        return [.. ids];
    }

    private async Task<JsonObject> LinkEvent(SimulatedPhone phone, RegisteredMember member, Uri? page = null)
    {
        if (page is null)
        {
            page = await Coop.TapLink(phone);
            using var opened = await Coop.Http.GetAsync(page);
        }

        using var sent = await Coop.SendForm(page, member);
        return LineEvents.AccountLink(phone.UserId, LinkingSteps.NonceOf(sent.Headers.Location!), Coop.Clock.GetUtcNow());
    }

    private async Task<bool> Deliver(JsonObject occurrence, int caller)
    {
        await Crowd.Deliver(Of(caller), occurrence);
        return true;
    }

    /// <summary>A conflict ends what a grain does by itself; the sweepers of both hosts take it up.</summary>
    private async Task FinishLeftOvers() => await Consistency.Finished(Coop, Coop.Host, rivals.Rival);

    private async Task<int> Uses(RegisteredMember member) =>
        (await StoredState.Ledger(Coop.Host.Services.GetRequiredService<ILedger>()))
        .Count(row => row.Kind == LedgerKind.Used && row.Member == member.Number);
}

/// <summary>A crowd and two hosts.</summary>
public class Rivals : IAsyncLifetime
{
    public Crowd Crowd { get; } = new();

    public Host Rival { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await Crowd.InitializeAsync();
        Rival = await Crowd.Coop.StartRival();
    }

    public async ValueTask DisposeAsync()
    {
        await Crowd.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

/// <summary>Their states are written by Orleans' own provider.</summary>
public sealed class RivalsWithAdoNet : Rivals
{
    public RivalsWithAdoNet() => Crowd.Coop.Also["CoopLine:Storage:GroupCommit"] = "false";
}
