using System.Collections.Immutable;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;

namespace CoopLine.Grains.Redemptions;

/// <summary>What a redemption comes to, if every coupon is still free when it is used.</summary>
/// <param name="Code">The digits' meaning; null when they have none.</param>
/// <param name="Uses">By line, then campaign id.</param>
/// <param name="Refusals">Coupons of the code that were refused before any was used.</param>
/// <param name="Decision">Null in plans of older versions.</param>
[GenerateSerializer, Immutable, Alias("coopline.plan")]
public sealed record Plan(
    [property: Id(0)] string RequestHash,
    [property: Id(1)] DateTimeOffset At,
    [property: Id(2)] CodeGrant? Code,
    [property: Id(3)] ImmutableArray<PlannedUse> Uses,
    [property: Id(4)] ImmutableArray<Refusal> Refusals,
    [property: Id(5)] string? TraceId,
    [property: Id(6)] Decision? Decision = null)
{
    /// <summary>The one place where a redemption is decided: no clock, no database, no grain.</summary>
    public static Plan Of(Facts facts, Purchase purchase, DateTimeOffset now)
    {
        if (facts.Code is not { } code)
            return Planned([], [new(null, Ean13.IsValid(purchase.Code) ? RefusalReason.CodeUnknown : RefusalReason.CodeMistyped)]);
        if (now >= code.ExpiresAt) return AllRefused(RefusalReason.CodeExpired);
        if (!facts.Holder.LinkStands) return AllRefused(RefusalReason.NotLinked);

        var open = new List<Campaign>();
        var refusals = new List<Refusal>();
        foreach (var id in code.Campaigns)
        {
            var campaign = facts.Campaigns.GetValueOrDefault(id);
            var reason = Eligibility.Check(campaign, purchase.Receipt.Store, facts.Holder.Businesses, purchase.PurchasedAt);
            if (reason is { } refused) refusals.Add(Refusal.Of(campaign, id, refused));
            else if (!campaign!.IsIssuedTo(facts.Holder.Lists)) refusals.Add(new(id, RefusalReason.NotIssued));
            else if (facts.UseOf(id) is { } use) refusals.Add(new(id, RefusalReason.AlreadyUsed, use.At, use.Receipt.Store));
            else if (facts.IsSoldOut(id)) refusals.Add(new(id, RefusalReason.SoldOut));
            else open.Add(campaign);
        }

        var allocation = Allocation.Best(open, purchase.Lines, () => purchase.Yen, facts.Rooms);
        return Planned([.. allocation.Discounts.Select(Use)], [.. refusals.Concat(allocation.Refusals).Select(WithLimit)]);

        Refusal WithLimit(Refusal refusal) =>
            refusal.Reason == RefusalReason.SoldOut && facts.Rooms.TryGetValue(refusal.Campaign!, out var room)
                ? refusal with { SoldOutIn = room.By } : refusal;

        PlannedUse Use(AppliedDiscount discount)
        {
            var campaign = facts.Campaigns[discount.Campaign];
            return new(
                discount, campaign.Version, purchase.UnitsOn(discount.Line) is > 1 and var units ? units : null,
                campaign.Definition.Limits?.At(purchase.Receipt.Store));
        }

        Plan Planned(ImmutableArray<PlannedUse> uses, ImmutableArray<Refusal> refusals) =>
            new(purchase.Hash, now, facts.Code, uses, refusals, Telemetry.TraceId, Coupons.Decision.New(purchase.Attempt));
        Plan AllRefused(RefusalReason reason) => Planned([], [.. code.Campaigns.Select(campaign => new Refusal(campaign, reason))]);
    }

    /// <summary>Whether it can be told without knowing the person's uses: one coupon, which will tell by itself.</summary>
    public bool IsSure(Facts facts) =>
        facts.UsesAreKnown || (facts.Code is { Campaigns: [_] } && Uses is [_] && !facts.HasEarlierNumbers);

    /// <summary>The answer when all uses come through.</summary>
    public RedemptionAnswer Answer() => Answer(Uses, []);

    /// <summary>The answer when these uses came through and the others were refused.</summary>
    public RedemptionAnswer Answer(IEnumerable<PlannedUse> used, IEnumerable<Refusal> lost)
    {
        ImmutableArray<AppliedDiscount> discounts = [.. used.Select(use => use.Discount)];
        ImmutableArray<Refusal> refusals = [.. Refusals, .. lost];
        var result = (discounts.Length, refusals.Length) switch
        {
            (0, _) => RedemptionResult.Refused,
            (_, 0) => RedemptionResult.Redeemed,
            _ => RedemptionResult.Partial,
        };
        return new(result, discounts, refusals, TraceId);
    }

    internal CouponUse UseOf(PlannedUse use, ReceiptKey receipt) => new(
        receipt, RequestHash, Code!.Account, Code.LinkSequence, At, use.Discount.Line, use.Discount.Amount, use.Version, Decision,
        use.LineUnits, use.Limits?.Counted ?? Counted.Nowhere, use.Limits);
}

/// <param name="Version">Campaign version that decided.</param>
/// <param name="LineUnits">Units on its line; null for one.</param>
/// <param name="Limits">What the campaign gives away at most, where the use counts; null for no limit.</param>
[GenerateSerializer, Immutable, Alias("coopline.planned-use")]
public sealed record PlannedUse(
    [property: Id(0)] AppliedDiscount Discount, [property: Id(1)] int Version, [property: Id(2)] int? LineUnits = null,
    [property: Id(3)] UseLimits? Limits = null)
{
    /// <summary>Somebody was faster.</summary>
    internal Refusal RefusedBy(UseOutcome outcome) => outcome switch
    {
        UseOutcome.AlreadyUsed { By: var by } => new(Discount.Campaign, RefusalReason.AlreadyUsed, by.At, by.Receipt.Store),
        UseOutcome.SoldOut => new(Discount.Campaign, RefusalReason.SoldOut),
        _ => new(Discount.Campaign, RefusalReason.NotLinked),
    };
}
