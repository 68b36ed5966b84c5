using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;
using Microsoft.Extensions.Logging;

namespace CoopLine.Grains.Coupons;

[GrainType("receipt")]
internal sealed partial class ReceiptGrain(
    [PersistentState(StateNames.Receipt, StateNames.Storage)] IPersistentState<ReceiptState> receipt,
    ILedger ledger, RedemptionPlanner planner, CampaignCache campaigns, TimeProvider clock, ILogger<ReceiptGrain> log)
    : StateGrain<ReceiptState>(receipt), IReceiptGrain
{
    /// <summary>How far a till's clock may be from ours.</summary>
    private static readonly TimeSpan MaxClockDifference = TimeSpan.FromMinutes(10);

    /// <summary>The receipt's ledger rows; null when they must be read (again).</summary>
    private ImmutableArray<LedgerRow>? rows;

    private ReceiptKey Key => ReceiptKey.TryParse(this.Id(), out var key)
        ? key
        : throw new InvalidOperationException("The key of this grain is not a receipt's.");

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await base.OnActivateAsync(cancellationToken);
        if (State.Pending) this.AsReference<IReceiptGrain>().Finish().Ignore();
    }

    public async Task<RedeemOutcome> Redeem(Purchase purchase)
    {
        using var span = Telemetry.Source.StartActivity("receipt.redeem");
        try
        {
            var outcome = await Decided(purchase) ?? await Decide(purchase);
            var answer = (outcome as RedeemOutcome.Answered)?.Answer.Result.ToString() ?? outcome.GetType().Name;
            Telemetry.Redemptions.Add(1, new KeyValuePair<string, object?>("outcome", answer));
            span?.SetTag("coopline.redemption.outcome", answer);
            LogRedeemed(Key.Store, Key.Register, answer, outcome is RedeemOutcome.Answered { Replayed: true });
            return outcome;
        }
        catch
        {
            rows = null; // Nobody knows how much of it is on disk.
            throw;
        }
    }

    public async Task<RedeemOutcome> Evaluate(Purchase purchase)
    {
        if (await Decided(purchase) is { } decided) return decided;
        if (ClockIsOff(purchase, out var off)) return off;
        var plan = await planner.Plan(purchase, changing: false);
        if (await DecidedMeanwhile(plan, purchase) is { } meanwhile) return meanwhile;
        return new RedeemOutcome.Answered(plan.Answer(plan.Uses, []), Replayed: false);
    }

    public async Task<ReceiptReport?> Report()
    {
        await FinishPlan();
        var known = await Reread();
        return Uses(known) is [] ? null : new(RecordedAnswer(known), Uses(known), known);
    }

    public Task<GiveBackReport?> Void() => TakeBack(LedgerKind.Voided, _ => true, "till", null);

    public Task<GiveBackReport?> Return(ImmutableArray<int> lines) =>
        TakeBack(LedgerKind.Returned, use => use.Line is { } line && lines.Contains(line), "till", null);

    public async Task<GiveBackReport?> Restore(string campaign, string staff, string reason)
    {
        var report = await TakeBack(LedgerKind.Restored, use => use.Campaign == campaign, staff, reason);
        return report is { Uses.Length: 0 } ? null : report;
    }

    public Task Finish() => FinishPlan();

    /// <summary>The answer that was given to this receipt before; null when it is still open.</summary>
    private async Task<RedeemOutcome?> Decided(Purchase purchase)
    {
        if (State.Plan is not null && await Planned(purchase) is { } planned) return planned;

        var known = rows ??= await ledger.OfReceipt(this.Id());
        if (known.FirstOrDefault(row => row.Kind == LedgerKind.Used) is not { } first) return null;
        if (first.RequestHash != purchase.Hash) return new RedeemOutcome.AnotherRequest();
        if (!IsPlanned(first)) return new RedeemOutcome.Answered(RecordedAnswer(known), Replayed: true);

        await ReadAgain();
        if (State.Plan is not null && await Planned(purchase) is { } finished) return finished;
        return new RedeemOutcome.Answered(await AnswerWithoutPlan(known), Replayed: true);
    }

    private async Task<RedeemOutcome?> Planned(Purchase purchase)
    {
        if (State.Plan!.RequestHash != purchase.Hash) return new RedeemOutcome.AnotherRequest();
        return await FinishPlan() is { } answer ? new RedeemOutcome.Answered(answer, Replayed: true) : null;
    }

    /// <summary>Another activation of this receipt may have been faster: then "already used" means by this very receipt.</summary>
    private async Task<RedeemOutcome?> DecidedMeanwhile(RedemptionPlan plan, Purchase purchase)
    {
        if (plan.Refusals.All(refusal => refusal.Reason != RefusalReason.AlreadyUsed)) return null;
        rows = null;
        return await Decided(purchase);
    }

    private async Task<RedeemOutcome> Decide(Purchase purchase)
    {
        if (ClockIsOff(purchase, out var off)) return off;
        var plan = await planner.Plan(purchase, changing: true);
        if (await DecidedMeanwhile(plan, purchase) is { } meanwhile) return meanwhile;
        if (plan.Uses is []) return Fresh(plan.Answer([], []));
        if (plan.Uses is not [var only])
        {
            await Save(new() { Plan = plan });
            return await FinishPlan() is { } final ? Fresh(final) : await DecidedElsewhere(purchase);
        }

        // One coupon: its own write is the record of the receipt, with the whole answer in it.
        var asked = UseOf(plan, only);
        var answer = plan.Answer([only], []);
        switch (await Coupon(plan, only).Use(asked, answer))
        {
            case UseOutcome.Used { Before: false }:
                rows = null;
                return Fresh(answer);
            case UseOutcome.Used or UseOutcome.ReceiptDecided:
                return await DecidedElsewhere(purchase);
            case var lost:
                return Fresh(plan.Answer([], [Lost(only, lost)]));
        }
    }

    /// <summary>Another activation of this receipt was faster.</summary>
    private async Task<RedeemOutcome> DecidedElsewhere(Purchase purchase)
    {
        rows = null;
        return await Decided(purchase)
            ?? throw new InvalidOperationException("A coupon says that its receipt is decided; the ledger does not.");
    }

    /// <summary>Uses what is planned. Each step can be taken again, so a crash in between costs nothing.</summary>
    /// <returns>The final answer; null when there is no plan, or when the receipt has been decided without it.</returns>
    private async Task<RedemptionAnswer?> FinishPlan()
    {
        if (State is not { Plan: { } plan, Answer: null }) return State.Answer;

        var used = new List<PlannedUse>();
        var lost = new List<Refusal>();
        var decided = false;
        foreach (var planned in plan.Uses)
        {
            var outcome = await Coupon(plan, planned).Use(UseOf(plan, planned), null);
            decided |= outcome is UseOutcome.ReceiptDecided;
            if (outcome is UseOutcome.Used) used.Add(planned);
            else lost.Add(Lost(planned, outcome));
        }

        rows = null;
        if (used is [] && decided)
        {
            await Save(new());
            return null;
        }

        var answer = plan.Answer(used, lost);
        // A refusal is not remembered: the till may correct and ask again.
        await Save(used is [] ? new() : State with { Answer = answer });
        return answer;
    }

    private async Task<GiveBackReport?> TakeBack(
        LedgerKind kind, Func<LedgerRow, bool> meant, string actor, string? reason)
    {
        await FinishPlan();
        var before = await Reread();
        if (before.All(row => row.Kind != LedgerKind.Used)) return null;

        var asked = before.Where(row => row.Kind == LedgerKind.Used && meant(row)).ToArray();
        foreach (var use in asked)
        {
            var giveBack = kind == LedgerKind.Restored || await IsOn(use.Campaign!);
            await GrainFactory.Coupon(use.Campaign!, use.Member!).TakeBack(Key, kind, giveBack, actor, reason);
        }

        var after = await Reread();
        var campaignsAsked = asked.Select(use => use.Campaign).ToHashSet();
        return new(
            [.. Uses(after).Where(use => campaignsAsked.Contains(use.Campaign))],
            Replayed: after.Length == before.Length,
            Telemetry.TraceId);
    }

    /// <summary>A coupon is kept back for good only if the campaign is over now, and not a second ago.</summary>
    private async Task<bool> IsOn(string campaign)
    {
        if (await Known()) return true;
        campaigns.Forget();
        return await Known();

        async Task<bool> Known() =>
            (await campaigns.Current()).TryGetValue(campaign, out var found)
            && found.Status == CampaignStatus.Published
            && clock.GetUtcNow() < found.Definition.EndsAt;
    }

    private async Task<ImmutableArray<LedgerRow>> Reread()
    {
        var known = await ledger.OfReceipt(this.Id());
        if (State.Plan is null && known.Any(IsPlanned))
        {
            await ReadAgain();
            await FinishPlan();
            known = await ledger.OfReceipt(this.Id());
            if (State.Plan is null) await AnswerWithoutPlan(known);
        }

        rows = known;
        return known;
    }

    /// <summary>
    /// Two activations of this receipt worked on one plan: one found every coupon used and gave the plan up, and meanwhile
    /// they were given back and the other one used them. What is used is then all that is known of the answer.
    /// </summary>
    private async Task<RedemptionAnswer> AnswerWithoutPlan(ImmutableArray<LedgerRow> known)
    {
        if (State.Answer is { } recorded) return recorded;
        LedgerRow[] uses = [.. known.Where(row => row.Kind == LedgerKind.Used)];
        var discounts = from use in uses
                        orderby use.Line, use.Campaign
                        select new AppliedDiscount(use.Campaign!, use.Line!.Value, Units: 1, use.Yen);
        var answer = new RedemptionAnswer(RedemptionResult.Redeemed, [.. discounts], [], uses[0].TraceId);
        await Save(new() { Answer = answer });
        return answer;
    }

    /// <summary>The answer is in the receipt's state. An activation that has none there must read it again.</summary>
    private static bool IsPlanned(LedgerRow row) => row is { Kind: LedgerKind.Used, Answer: null };

    private RedemptionAnswer RecordedAnswer(ImmutableArray<LedgerRow> known) =>
        State.Answer
        ?? JsonSerializer.Deserialize<RedemptionAnswer>(
            known.First(row => row.Kind == LedgerKind.Used).Answer!, StateJson.Options)!;

    private bool ClockIsOff(Purchase purchase, [NotNullWhen(true)] out RedeemOutcome? off)
    {
        var now = clock.GetUtcNow();
        off = (purchase.PurchasedAt - now).Duration() > MaxClockDifference ? new RedeemOutcome.ClockOff(now) : null;
        return off is not null;
    }

    private ICouponGrain Coupon(RedemptionPlan plan, PlannedUse use) =>
        GrainFactory.Coupon(use.Discount.Campaign, plan.Code!.Member);

    private CouponUse UseOf(RedemptionPlan plan, PlannedUse use) => new(
        Key, plan.RequestHash, plan.Code!.Account, plan.Code.LinkSequence, plan.At, use.Discount.Line, use.Discount.Amount,
        use.Version);

    private static Refusal Lost(PlannedUse use, UseOutcome outcome) => outcome is UseOutcome.AlreadyUsed { By: var by }
        ? new(use.Discount.Campaign, RefusalReason.AlreadyUsed, by.At, by.Receipt.Store)
        : new(use.Discount.Campaign, RefusalReason.NotLinked);

    private static RedeemOutcome.Answered Fresh(RedemptionAnswer answer) => new RedeemOutcome.Answered(answer, Replayed: false);

    private static ImmutableArray<ReceiptUse> Uses(ImmutableArray<LedgerRow> rows) =>
    [
        .. from use in rows
           where use.Kind == LedgerKind.Used
           let change = rows.LastOrDefault(row => row.Amends == use.Id)
           select new ReceiptUse(
               use.Campaign!, use.Line!.Value, Units: 1, use.Yen, StateAfter(change), use.At, change?.At,
               change?.GivenBack ?? false),
    ];

    private static UseState StateAfter(LedgerRow? change) => change?.Kind switch
    {
        null => UseState.Used,
        LedgerKind.Voided => UseState.Voided,
        LedgerKind.Returned => UseState.Returned,
        _ => UseState.Restored,
    };

    [LoggerMessage(LogLevel.Information, "Redemption at store {Store}, register {Register}: {Outcome} (replayed: {Replayed})")]
    private partial void LogRedeemed(string store, string register, string outcome, bool replayed);
}
