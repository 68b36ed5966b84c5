using System.Collections.Immutable;
using System.Text.Json;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;

namespace CoopLine.Grains.Redemptions;

[GrainType("receipt")]
internal sealed class ReceiptGrain(
    [PersistentState(StateNames.Receipt, StateNames.Storage)] IPersistentState<ReceiptState> receipt,
    ILedger ledger, CampaignCache campaigns, TimeProvider clock)
    : StateGrain<ReceiptState>(receipt), IReceiptGrain
{
    /// <summary>The receipt's decision, once there is one: it never changes. That a receipt is still open is not remembered.</summary>
    private (string? RequestHash, RedemptionAnswer Answer)? decided;

    private ReceiptKey Key => ReceiptKey.TryParse(this.Id(), out var key)
        ? key
        : throw new InvalidOperationException("The key of this grain is not a receipt's.");

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await base.OnActivateAsync(cancellationToken);
        if (State.Pending) this.AsReference<IReceiptGrain>().Finish().Ignore();
    }

    public async Task<RedeemOutcome> Recorded(string requestHash)
    {
        if (decided is null && await Rows() is { } rows && rows.FirstOrDefault(IsUse) is { } first)
            decided = (first.RequestHash, Answer(first));
        return decided switch
        {
            null => new RedeemOutcome.Undecided(),
            { } known when known.RequestHash == requestHash => new RedeemOutcome.Answered(known.Answer, Replayed: true),
            _ => new RedeemOutcome.AnotherRequest(),
        };
    }

    public async Task<WriteOutcome> CarryOut(Plan plan)
    {
        if (await Recorded(plan.RequestHash) is not RedeemOutcome.Undecided) return new WriteOutcome.ReceiptDecided();

        await Save(new() { Plan = plan });
        return await UsePlanned(plan);
    }

    public async Task<ReceiptReport?> Report()
    {
        var rows = await Rows();
        return rows.FirstOrDefault(IsUse) is { } first ? new(Answer(first), Uses(rows), rows) : null;
    }

    public Task<GiveBackReport?> Void() => TakeBack(LedgerKind.Voided, _ => true, Actors.Till, null);

    public Task<GiveBackReport?> Return(ImmutableArray<int> lines) =>
        TakeBack(LedgerKind.Returned, use => use.Line is { } line && lines.Contains(line), Actors.Till, null);

    public async Task<GiveBackReport?> Restore(string campaign, string staff, string reason)
    {
        var report = await TakeBack(LedgerKind.Restored, use => use.Campaign == campaign, staff, reason);
        return report is { Uses.Length: 0 } ? null : report;
    }

    public async Task Finish()
    {
        if (State is { Pending: true, Plan: { } plan }) await UsePlanned(plan);
    }

    /// <summary>
    /// Uses what is planned. Each step can be taken again, by anybody and at any time, and comes to the same, so a crash in
    /// between costs nothing.
    /// </summary>
    private async Task<WriteOutcome> UsePlanned(Plan plan)
    {
        var used = new List<PlannedUse>();
        var lost = new List<Refusal>();
        foreach (var planned in plan.Uses)
        {
            switch (await GrainFactory.Coupon(planned.Discount.Campaign, plan.Code!.Member).Use(plan.UseOf(planned, Key), null, null))
            {
                case UseOutcome.Used:
                    used.Add(planned);
                    break;
                case UseOutcome.ReceiptDecided:
                    // A receipt has one decision. Either it is another one, and no coupon takes this plan any more; or another
                    // activation has answered this plan and given its coupons back, and then this write loses.
                    await Save(new());
                    return new WriteOutcome.ReceiptDecided();
                case UseOutcome.Stale:
                    throw new RedemptionUndecidedException(); // Others write this coupon at this moment. Finished later.
                case var outcome:
                    lost.Add(planned.RefusedBy(outcome));
                    break;
            }
        }

        var answer = plan.Answer(used, lost);
        // A refusal is not remembered: the till may correct and ask again.
        await Save(used is [] ? new() : new() { Plan = plan, Answer = answer });
        return used is [] ? new WriteOutcome.Refused(answer) : new WriteOutcome.Done(answer);
    }

    private async Task<GiveBackReport?> TakeBack(
        LedgerKind kind, Func<LedgerRow, bool> meant, string actor, string? reason)
    {
        var before = await Rows();
        if (!before.Any(IsUse)) return null;

        var asked = before.Where(row => IsUse(row) && meant(row)).ToArray();
        foreach (var use in asked)
        {
            var giveBack = kind == LedgerKind.Restored || await IsOn(use.Campaign!);
            await GrainFactory.Coupon(use.Campaign!, use.Member!).TakeBack(Key, kind, giveBack, actor, reason);
        }

        var after = await Rows();
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

    /// <summary>The receipt's ledger rows, once what is under way is finished.</summary>
    private async Task<ImmutableArray<LedgerRow>> Rows()
    {
        await Finish();
        var rows = await ledger.OfReceipt(this.Id());
        if (State.Answer is not null || !rows.Any(row => IsUse(row) && row.Planned)) return rows;

        // Another activation has written the plan since this one was read.
        await ReadAgain();
        await Finish();
        if (State.Answer is null) throw new InvalidOperationException("Coupons of this receipt are used, and nobody planned it.");
        return await ledger.OfReceipt(this.Id());
    }

    /// <summary>The answer to the till: in the receipt's state, in the row, or the row itself.</summary>
    private RedemptionAnswer Answer(LedgerRow use) => use switch
    {
        { Planned: true } => State.Answer!,
        { Answer: { } answer } => JsonSerializer.Deserialize<RedemptionAnswer>(answer, StateJson.Options)!,
        _ => new(RedemptionResult.Redeemed, [new(use.Campaign!, use.Line!.Value, Units: 1, use.Yen)], [], use.TraceId),
    };

    private static bool IsUse(LedgerRow row) => row.Kind == LedgerKind.Used;

    private static ImmutableArray<ReceiptUse> Uses(ImmutableArray<LedgerRow> rows) =>
    [
        .. from use in rows
           where IsUse(use)
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
