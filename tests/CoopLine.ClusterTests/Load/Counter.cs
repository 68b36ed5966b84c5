using System.Globalization;
using System.Text.Json;
using CoopLine.ClusterTests.Fixtures;
using CoopLine.ClusterTests.Histories;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.ClusterTests.Load;

/// <summary>What tills, phones and staff ask over HTTP, each call written down as what it says of its registers.</summary>
/// <param name="oneCluster">
/// Whether a redemption says that its account was linked at that moment. A second cluster asks an activation of the member
/// that may not have heard of an unlink: docs/cluster-tests.md.
/// </param>
internal sealed class Counter(Caller caller, History history, Sometimes sometimes, bool oneCluster)
{
    private static readonly TimeSpan OffByMuch = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Tokyo = TimeSpan.FromHours(9);

    /// <summary>The database may be away for half a minute, in which each answers 503 at once.</summary>
    private const int TriesOfStaff = 1_000;

    private static int lastReceipt;

    public bool IsOver => caller.IsOver;

    public async Task Register(Random random, IEnumerable<RegisteredMember> members)
    {
        var imported = await caller.Ask(
            random, HttpMethod.Post, "/staff/v1/registry/imports?mode=delta&force=true", RunningCluster.StaffKey, Some.Csv(members));
        Assert.True(imported.Ok, imported.ToString());
    }

    /// <summary>
    /// Members who may use a campaign. It gives away as much as they can use and no more: whatever is counted twice, or is not given
    /// back, is missed by one of them.
    /// </summary>
    public int? Members { get; init; }

    /// <summary>Tofu, 30 yen off.</summary>
    public async Task Publish(Random random, string campaign)
    {
        var limits = Members is { } members ? new { totalUses = members, perStoreUses = members, perDayYen = 30 * members } : null;
        await Publish(random, campaign, limits);
    }

    /// <summary>The same, which more members may want than there are uses.</summary>
    public async Task Publish(Random random, string campaign, Limits limits)
    {
        history.Limit(campaign, limits);
        await Publish(random, campaign, limits.Wire);
    }

    private async Task Publish(Random random, string campaign, object? limits)
    {
        var definition = Some.Campaign(startsAt: "2020-01-01T00:00:00+09:00", endsAt: "2099-01-01T00:00:00+09:00", limits: limits);
        var put = await caller.Ask(
            random, HttpMethod.Put, $"/staff/v1/campaigns/{campaign}", RunningCluster.StaffKey, definition, tries: TriesOfStaff);
        Assert.True(put.Ok, put.ToString());
        var published = await caller.Ask(
            random, HttpMethod.Post, $"/staff/v1/campaigns/{campaign}/publish", RunningCluster.StaffKey, null, tries: TriesOfStaff);
        Assert.True(published.Ok, published.ToString());
    }

    /// <returns>Null: none was given out.</returns>
    public async Task<string?> ShowCode(Random random, string member, SimulatedPhone phone, params string[] campaigns)
    {
        var answer = await caller.Ask(random, HttpMethod.Post, "/coupons/codes", phone.IdToken(), new { campaigns }, one =>
        {
            if (one.Ok)
            {
                var told = one.Body.GetProperty("now").GetDateTimeOffset();
                if ((told - TimeProvider.System.GetUtcNow()).Duration() > OffByMuch) sometimes.Saw(Danger.ClockOff);
                foreach (var campaign in campaigns)
                    history.Coupon(campaign, member).Add("code", one.Invoked, one.Returned, coupon => coupon.SeenFree());
            }
            else if (one.Body.ValueKind == JsonValueKind.Object && one.Body.TryGetProperty("refusals", out var refusals))
            {
                foreach (var refusal in refusals.EnumerateArray())
                {
                    var (campaign, reason) = (refusal.GetProperty("campaign").GetString()!, refusal.GetProperty("reason").GetString());
                    if (reason == "alreadyUsed")
                        history.Coupon(campaign, member).Add("no code", one.Invoked, one.Returned, coupon => coupon.SeenUsed());
                    if (reason == "soldOut") history.LimitsOf(campaign)?.SoldOut($"{Today()}/", one.Invoked, one.Returned);
                }
            }
        });
        return answer.Ok ? answer.Body.GetProperty("code").GetString() : null;
    }

    public static Basket NewBasket(string code, string member, string account, params string[] campaigns) =>
        NewBasketIn(RunningCluster.Store, code, member, account, campaigns);

    public static Basket NewBasketIn(string store, string code, string member, string account, params string[] campaigns)
    {
        var number = Interlocked.Increment(ref lastReceipt).ToString("D6", CultureInfo.InvariantCulture);
        var (now, day) = (Now(), Today());
        var sale = new Sale
        {
            receipt = new { businessDate = day, store, register = "05", number },
            purchasedAt = now.ToString("O", CultureInfo.InvariantCulture),
            code = code,
            Path = $"{day}/{store}/05/{number}",
        };
        return new(sale, member, account, campaigns);
    }

    /// <summary>Until the till has its answer, or has no more tries.</summary>
    public Task<Answer> Redeem(Random random, Basket basket, int tries = Caller.UsualTries)
    {
        var hadNoAnswer = false;
        return caller.Ask(
            random, HttpMethod.Post, "/pos/v1/redemptions", RunningCluster.TillKeyOf(basket.Store), basket.Sale, one =>
            {
                if (one.IsPromise && one.Replayed && hadNoAnswer)
                    sometimes.Saw(Danger.ReplayFoundItsFirstWrite);
                hadNoAnswer |= one.IsUnknown;
                NoteReceipt(basket, one);
                NoteCoupons(basket, one);
            },
            tries);
    }

    public Task<Answer> Void(Random random, Basket basket, int tries = Caller.UsualTries) => caller.Ask(
        random, HttpMethod.Post, $"/pos/v1/receipts/{basket.Sale.Path}/void", RunningCluster.TillKeyOf(basket.Store), null, one =>
        {
            foreach (var campaign in basket.Campaigns)
            {
                var (coupon, receipt) = Of(basket, campaign);
                if (one.IsUnknown) coupon.Add($"void {basket.Number}", one.Invoked, null, now => now.MaybeVoid(receipt));
                else if (one.Ok && StateOf(one, campaign) is { } state)
                    coupon.Add($"void {basket.Number}: {state}", one.Invoked, one.Returned, now => state == "voided" ? now.Void(receipt) : null);
                else if (one.Ok)
                    coupon.Add($"void {basket.Number}: nothing to void", one.Invoked, one.Returned, now => now.Bar(receipt));
                else if (!one.IsNoAnswer) throw new InvalidOperationException($"A void was answered {one}.");

                if (one.Ok || one.IsUnknown) history.LimitsOf(campaign)?.TakenBack(basket.Sale.Path, one.Invoked, one.IsUnknown ? null : one.Returned);
            }
        },
        tries);

    public async Task Look(Random random, Basket basket) => await caller.Ask(
        random, HttpMethod.Get, $"/pos/v1/receipts/{basket.Sale.Path}", RunningCluster.TillKeyOf(basket.Store), null, one =>
        {
            foreach (var campaign in basket.Campaigns)
            {
                var (coupon, receipt) = Of(basket, campaign);
                if (one.Ok && StateOf(one, campaign) is { } state)
                {
                    coupon.Add($"look {basket.Number}: {state}", one.Invoked, one.Returned, now => state switch
                    {
                        "used" => now.SeenHolding(receipt),
                        "voided" => now.SeenVoided(receipt),
                        _ => null,
                    });
                }
                else if (one.Ok || one.Type == "urn:coopline:receipt-unknown")
                {
                    coupon.Add($"look {basket.Number}: nothing", one.Invoked, one.Returned, now => now.SeenWithout(receipt));
                }
            }
        });

    public async Task Unlink(Random random, string member) => await caller.Ask(
        random, HttpMethod.Post, $"/staff/v1/members/{member}/unlink", RunningCluster.StaffKey,
        new { reason = "機種変更", identityCheck = "組合員証" }, one =>
        {
            var of = history.Member(member);
            if (one.IsUnknown) of.Add("unlink", one.Invoked, null, now => now.MaybeUnlink());
            else if (one.Ok) of.Add("unlink: done", one.Invoked, one.Returned, now => now.Unlink());
            else if (one.Type == "urn:coopline:not-linked") of.Add("unlink: not linked", one.Invoked, one.Returned, now => now.Seen(null));
            else if (!one.IsNoAnswer) throw new InvalidOperationException($"An unlink was answered {one}.");
        });

    public async Task LookAtMember(Random random, string member) => await caller.Ask(
        random, HttpMethod.Get, $"/staff/v1/members/{member}", RunningCluster.StaffKey, null, one =>
        {
            if (!one.Ok) return;
            var link = one.Body.GetProperty("link");
            var account = link.ValueKind == JsonValueKind.Null ? null : link.GetProperty("account").GetString();
            history.Member(member).Add($"look: {account ?? "free"}", one.Invoked, one.Returned, now => now.Seen(account));
        });

    /// <summary>What has been given away of a campaign, as staff are told.</summary>
    public async Task<JsonElement> Given(Random random, string campaign) =>
        (await caller.Ask(random, HttpMethod.Get, $"/staff/v1/campaigns/{campaign}", RunningCluster.StaffKey, null)).Body.GetProperty("used");

    /// <summary>A LINE account as staff see it.</summary>
    public static string Shown(string account) => $"{account[..5]}…{account[^4..]}";

    private static DateTimeOffset Now() => TimeProvider.System.GetUtcNow().ToOffset(Tokyo);

    private static string Today() => Now().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private void NoteReceipt(Basket basket, Answer one)
    {
        var receipt = history.Receipt(basket.Sale.Path);
        var (body, trace, text) = (basket.Body, one.Trace, $"{basket.Body}, trace {one.Trace}");
        if (one.IsUnknown)
        {
            receipt.Add(text, one.Invoked, null, now => now.MaybeDecide(body, trace));
        }
        else if (one.IsPromise)
        {
            var (by, told) = (one.Text("traceId")!, $"{one.Outcome} {one.Body.GetProperty("discounts")} {one.Body.GetProperty("refusals")}");
            if (one.Replayed) receipt.Add($"{text}: {told}, replayed", one.Invoked, one.Returned, now => now.Replay(body, trace, by, told));
            else receipt.Add($"{text}: {told}", one.Invoked, one.Returned, now => now.Decide(body, trace, by, told));
        }
        else if (one.IsAnotherRequest)
        {
            sometimes.Saw(Danger.AnotherBodySent);
            receipt.Add($"{text}: another request", one.Invoked, one.Returned, now => now.RefuseAsAnother(body));
        }
        else if (one.IsVoid)
        {
            receipt.Add($"{text}: voided", one.Invoked, one.Returned, now => now.SeenVoided(body));
        }
        else if (one.Ok || one.IsTooLate)
        {
            receipt.Add($"{text}: refused", one.Invoked, one.Returned, now => now.Refuse());
        }
    }

    private void NoteCoupons(Basket basket, Answer one)
    {
        foreach (var campaign in basket.Campaigns)
        {
            var (coupon, receipt) = Of(basket, campaign);
            var (limits, text) = (history.LimitsOf(campaign), $"redeem {basket.Number}");
            if (one.IsUnknown)
            {
                limits?.Used(basket.Sale.Path, one.Invoked, returned: null);
                coupon.Add(text, one.Invoked, null, now => now.MaybeRedeem(receipt));
            }
            else if (one.Ok && Has(one, "discounts", campaign, out _))
            {
                limits?.Used(basket.Sale.Path, one.Invoked, one.Returned);
                if (one.Replayed) coupon.Add($"{text}: redeemed, replayed", one.Invoked, one.Returned, now => now.Replay(receipt));
                else coupon.Add($"{text}: redeemed", one.Invoked, one.Returned, now => now.Redeem(receipt));
            }
            else if (one.Ok && Has(one, "refusals", campaign, out var refusal))
            {
                if (refusal.GetProperty("reason").GetString() == "soldOut")
                {
                    // There is room for everybody, unless the limits are written down.
                    coupon.Add($"{text}: sold out", one.Invoked, one.Returned, now => limits is null ? null : now.SeenFree());
                    limits?.SoldOut(basket.Sale.Path, one.Invoked, one.Returned);
                }

                // A replay tells what was refused then.
                if (refusal.GetProperty("reason").GetString() == "alreadyUsed" && !one.Replayed)
                    coupon.Add($"{text}: already used", one.Invoked, one.Returned, now => now.RefuseAsUsed(receipt));
            }
            else if (one.IsVoid)
            {
                coupon.Add($"{text}: voided", one.Invoked, one.Returned, now => now.SeenOver(receipt));
            }
            else if (one.Ok)
            {
                // An answer that says nothing of a coupon of its code fits nowhere.
                coupon.Add($"{text}: {one}", one.Invoked, one.Returned, _ => null);
            }
            else if (!one.IsNoAnswer && !one.IsAnotherRequest && !one.IsTooLate)
            {
                throw new InvalidOperationException($"A redemption was answered {one}.");
            }
        }

        if (one.IsPromise) basket.Promise(one);

        // Whoever redeems was linked at that moment.
        if (oneCluster && one.IsPromise && !one.Replayed)
        {
            history.Member(basket.Member).Add(
                $"redeem {basket.Number} by {basket.Account}", one.Invoked, one.Returned, now => now.Seen(basket.Account));
        }
    }

    private (CouponHistory Coupon, int Receipt) Of(Basket basket, string campaign)
    {
        var coupon = history.Coupon(campaign, basket.Member);
        return (coupon, coupon.Receipt(basket.Sale.Path));
    }

    private static bool Has(Answer answer, string list, string campaign, out JsonElement found)
    {
        foreach (var one in answer.Body.GetProperty(list).EnumerateArray())
        {
            found = one;
            if (one.GetProperty("campaign").GetString() == campaign) return true;
        }

        found = default;
        return false;
    }

    private static string? StateOf(Answer answer, string campaign) =>
        !Has(answer, "uses", campaign, out var use) ? null
        : use.GetProperty("state").GetString() is "voided" && !use.GetProperty("givenBack").GetBoolean() ? "voided, not given back"
        : use.GetProperty("state").GetString();
}
