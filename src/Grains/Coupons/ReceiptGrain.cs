using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;

namespace CoopLine.Grains.Coupons;

[GrainType("receipt")]
internal sealed class ReceiptGrain(
    [PersistentState(StateNames.Receipt, StateNames.Storage)] IPersistentState<ReceiptState> receipt,
    ILedger ledger, RedemptionPlanner planner, CampaignCache campaigns, TimeProvider clock)
    : StateGrain<ReceiptState>(receipt), IReceiptGrain
{
    /// <summary>
    /// The receipt's ledger rows, once it is decided. Empty when they must be read. That a receipt is still open is not
    /// remembered, since another activation may decide it.
    /// </summary>
    private ImmutableArray<LedgerRow> rows = [];

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
        try
        {
            return await Decided(purchase) ?? await Decide(purchase);
        }
        catch
        {
            rows = []; // Nobody knows how much of it is on disk.
            throw;
        }
    }

    public async Task<RedeemOutcome> Evaluate(Purchase purchase)
    {
        if (await Decided(purchase) is { } decided) return decided;
        if (ClockIsOff(purchase, out var off)) return off;
        var plan = await planner.Plan(purchase, await planner.Code(purchase), changing: false);
        if (await DecidedMeanwhile(plan, purchase) is { } meanwhile) return meanwhile;
        return new RedeemOutcome.Answered(plan.Answer(plan.Uses, []), Replayed: false);
    }

    public async Task<ReceiptReport?> Report()
    {
        await FinishPlan();
        var known = await Reread();
        return Uses(known) is [] ? null : new(RecordedAnswer(known), Uses(known), known);
    }

    public Task<GiveBackReport?> Void() => TakeBack(LedgerKind.Voided, _ => true, Actors.Till, null);

    public Task<GiveBackReport?> Return(ImmutableArray<int> lines) =>
        TakeBack(LedgerKind.Returned, use => use.Line is { } line && lines.Contains(line), Actors.Till, null);

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

        var known = rows = rows is [] ? await ledger.OfReceipt(this.Id()) : rows;
        if (known.FirstOrDefault(row => row.Kind == LedgerKind.Used) is not { } first) return null;
        if (first.RequestHash != purchase.Hash) return new RedeemOutcome.AnotherRequest();
        return new RedeemOutcome.Answered(IsPlanned(first) ? await AnswerOfPlan() : RecordedAnswer(known), Replayed: true);
    }

    private async Task<RedeemOutcome?> Planned(Purchase purchase)
    {
        var same = State.Plan!.RequestHash == purchase.Hash;
        var answer = await FinishPlan();
        if (State.Plan is null) return null; // It came to nothing, and a refusal is not remembered.
        return answer is not null && same ? new RedeemOutcome.Answered(answer, Replayed: true) : new RedeemOutcome.AnotherRequest();
    }

    /// <summary>Another activation of this receipt may have been faster: then "already used" means used by this very receipt.</summary>
    private async Task<RedeemOutcome?> DecidedMeanwhile(RedemptionPlan plan, Purchase purchase)
    {
        if (plan.Refusals.All(refusal => refusal.Reason != RefusalReason.AlreadyUsed)) return null;
        return await Decided(purchase);
    }

    private async Task<RedeemOutcome> Decide(Purchase purchase)
    {
        if (ClockIsOff(purchase, out var off)) return off;
        var plan = await planner.Plan(purchase, await planner.Code(purchase), changing: true);
        if (await DecidedMeanwhile(plan, purchase) is { } meanwhile) return meanwhile;
        if (plan.Uses is []) return Fresh(plan.Answer([], []));
        if (plan.Uses is not [var only])
        {
            await Save(new() { Plan = plan });
            return await FinishPlan() is { } final ? Fresh(final) : await DecidedElsewhere(purchase);
        }

        return await planner.Use(plan, only, Key) ?? await DecidedElsewhere(purchase);
    }

    /// <summary>Another activation of this receipt was faster.</summary>
    private async Task<RedeemOutcome> DecidedElsewhere(Purchase purchase) =>
        await Decided(purchase)
        ?? throw new InvalidOperationException("A coupon says that its receipt is decided; the ledger does not.");

    /// <summary>
    /// Uses what is planned. Each step can be taken again, by anybody and at any time, and comes to the same, so a crash in
    /// between costs nothing.
    /// </summary>
    /// <returns>The final answer; null when there is no plan, or when the receipt has been decided without it.</returns>
    private async Task<RedemptionAnswer?> FinishPlan()
    {
        if (State is not { Plan: { } plan, Answer: null }) return State.Answer;

        rows = [];
        var used = new List<PlannedUse>();
        var lost = new List<Refusal>();
        foreach (var planned in plan.Uses)
        {
            switch (await GrainFactory.Coupon(planned.Discount.Campaign, plan.Code!.Member).Use(plan.UseOf(planned, Key), null))
            {
                case UseOutcome.Used:
                    used.Add(planned);
                    break;
                case UseOutcome.ReceiptDecided:
                    // A receipt has one decision. Either it is another one, and no coupon takes this plan any more; or another
                    // activation has answered this plan and given its coupons back, and then this write loses.
                    await Save(new());
                    return null;
                case var outcome:
                    lost.Add(planned.Lost(outcome));
                    break;
            }
        }

        var answer = plan.Answer(used, lost);
        // A refusal is not remembered: the till may correct and ask again.
        await Save(used is [] ? new() : new() { Plan = plan, Answer = answer });
        return answer;
    }

    /// <summary>The answer of the plan that has used coupons, whoever began it.</summary>
    private async Task<RedemptionAnswer> AnswerOfPlan()
    {
        await ReadAgain();
        return await FinishPlan()
            ?? throw new InvalidOperationException("Coupons of this receipt are used, and nobody planned it.");
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

    /// <summary>Who does not get a coupon back now never does: before that, a campaign that looks over is read again.</summary>
    private async Task<bool> IsOn(string campaign)
    {
        if (await Known()) return true;
        campaigns.Forget();
        return await Known();

        async Task<bool> Known() =>
            (await campaigns.Current()).TryGetValue(campaign, out var found) && found.GivesBackAt(clock.GetUtcNow());
    }

    private async Task<ImmutableArray<LedgerRow>> Reread()
    {
        var known = await ledger.OfReceipt(this.Id());
        if (State.Answer is null && known.Any(IsPlanned))
        {
            await AnswerOfPlan();
            known = await ledger.OfReceipt(this.Id());
        }

        rows = known;
        return known;
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
        off = purchase.IsFarFrom(now) ? new RedeemOutcome.ClockOff(now) : null;
        return off is not null;
    }

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
}
