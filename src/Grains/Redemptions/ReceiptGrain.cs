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
    ILedger ledger, IStateReader states, CampaignCache campaigns, TimeProvider clock)
    : StateGrain<ReceiptState>(receipt), IReceiptGrain
{
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
        var rows = await Rows();
        if (rows.FirstOrDefault(IsVoidOfNothing) is { } early) return new RedeemOutcome.Answered(Voided(early), Replayed: true);
        if (rows.FirstOrDefault(IsUse) is not { } first) return new RedeemOutcome.Undecided();
        return first.RequestHash == requestHash
            ? Replay(Answer(first), Uses(rows)) with { Decision = first.Decision is { } decision ? new(decision) : null }
            : new RedeemOutcome.AnotherRequest();
    }

    public async Task<WriteOutcome> CarryOut(Plan plan)
    {
        if (await Recorded(plan.RequestHash) is not RedeemOutcome.Undecided) return new WriteOutcome.ReceiptDecided();

        await Save(State with { Plan = plan, Answer = null });
        return await UsePlanned(plan);
    }

    public async Task<ReceiptReport?> Report()
    {
        var rows = await Rows();
        if (rows.FirstOrDefault(IsVoidOfNothing) is { } early) return new(Voided(early), [], rows);
        return rows.FirstOrDefault(IsUse) is { } first ? new(Answer(first), Uses(rows), rows) : null;
    }

    public async Task<GiveBackReport?> Void()
    {
        var rows = await Rows();
        if (rows is [])
        {
            if (await VoidBeforeItsSale()) return new([], Replayed: false, Telemetry.TraceId);
            rows = await Rows();
        }

        return await TakeBack(rows, LedgerKind.Voided, _ => true, Actors.Till, null, Void);
    }

    public Task<GiveBackReport?> Return(ImmutableArray<int> lines) =>
        ReturnUnits(string.Join(',', lines), [.. lines.Select(line => new ReturnedUnits(line, null))]);

    public async Task<GiveBackReport?> ReturnUnits(string name, ImmutableArray<ReturnedUnits> units)
    {
        var rows = await Rows();
        if (!rows.Any(IsUse)) return await TakeBack(rows, LedgerKind.Returned, _ => false, Actors.Till, null, Again);

        var standing = rows.Where(row => IsUse(row) && rows.All(other => other.Amends != row.Id)).ToLookup(use => use.Line!.Value);
        var counted = State.Return(name, [.. units.Where(one => standing.Contains(one.Line))]);
        var isNew = !ReferenceEquals(counted, State);
        await Save(counted);

        var lines = units.Select(one => one.Line).ToHashSet();
        var leaving = new HashSet<string>();
        foreach (var line in lines) leaving.UnionWith(await Leaving(line, [.. standing[line]]));
        var report = await TakeBack(rows, LedgerKind.Returned, use => leaving.Contains(use.Id), Actors.Till, null, Again);
        return report! with
        {
            Uses = [.. Uses(await Rows()).Where(use => lines.Contains(use.Line))],
            Replayed = report.Replayed && !isNew,
        };

        Task<GiveBackReport?> Again() => ReturnUnits(name, units);
    }

    public async Task<GiveBackReport?> Restore(string campaign, string staff, string reason)
    {
        var report = await TakeBack(
            await Rows(), LedgerKind.Restored, use => use.Campaign == campaign, staff, reason, () => Restore(campaign, staff, reason));
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
                    await Save(State with { Plan = null, Answer = null });
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
        await Save(used is [] ? State with { Plan = null, Answer = null } : State with { Plan = plan, Answer = answer });
        return used is [] ? new WriteOutcome.Refused(answer) : new WriteOutcome.Done(answer);
    }

    /// <param name="before">The receipt's rows, by which it was decided what is meant.</param>
    /// <param name="again">For rows that have other names by now: their person was erased meanwhile.</param>
    private async Task<GiveBackReport?> TakeBack(
        ImmutableArray<LedgerRow> before, LedgerKind kind, Func<LedgerRow, bool> meant, string actor, string? reason,
        Func<Task<GiveBackReport?>> again)
    {
        if (before.Any(IsVoidOfNothing)) return new([], Replayed: true, Telemetry.TraceId);
        if (!before.Any(IsUse)) return null;

        var asked = before.Where(row => IsUse(row) && meant(row)).ToArray();
        foreach (var use in asked)
        {
            var giveBack = kind == LedgerKind.Restored || await IsOn(use.Campaign!);
            await GrainFactory.Coupon(use.Campaign!, use.Member!).TakeBack(Key, kind, giveBack, actor, reason);
        }

        var after = await Rows();
        if (asked.Any(use => after.All(row => row.Id != use.Id))) return await again();
        var campaignsAsked = asked.Select(use => use.Campaign).ToHashSet();
        return new(
            [.. Uses(after).Where(use => campaignsAsked.Contains(use.Campaign))],
            Replayed: after.Length == before.Length,
            Telemetry.TraceId);
    }

    /// <summary>
    /// The void came before its sale: it is filed as the receipt's decision, and the database refuses every use that comes after it.
    /// </summary>
    /// <returns>False when the sale was faster after all.</returns>
    private async Task<bool> VoidBeforeItsSale()
    {
        try
        {
            await Save(State with
            {
                Ledger =
                [
                    new()
                    {
                        Id = $"{LedgerKind.Voided}|{Key}",
                        Kind = LedgerKind.Voided,
                        At = clock.GetUtcNow(),
                        Store = Key.Store,
                        Receipt = Key.ToString(),
                        Decision = Decision.New(Attempt.New()).Name,
                        Actor = Actors.Till,
                        TraceId = Telemetry.TraceId,
                    },
                ],
            });
            return true;
        }
        catch (Exception e) when (StorageRefusal.IsReceiptOfAnotherRequest(e))
        {
            return false;
        }
    }

    /// <summary>Which coupons of a line go back because too few units stay: the smallest discounts first.</summary>
    /// <param name="standing">The uses on the line that stand.</param>
    /// <returns>Ids of uses.</returns>
    private async Task<IEnumerable<string>> Leaving(int line, LedgerRow[] standing)
    {
        if (standing is not [var any, ..]) return [];
        var use = (await states.Coupon(any.Campaign!, any.Member!))?.Use;
        var sold = use?.Receipt == Key ? use.LineUnits ?? 1 : 1;
        return standing.OrderByDescending(one => one.Yen).ThenBy(one => one.Campaign, StringComparer.Ordinal)
            .Skip(State.StayingOf(line, sold)).Select(one => one.Id);
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

    /// <summary>A replay gives no yen again that were taken back since.</summary>
    private static RedeemOutcome.Answered Replay(RedemptionAnswer answer, ImmutableArray<ReceiptUse> uses)
    {
        ImmutableArray<ReceiptUse> back = [.. uses.Where(use => use.State != UseState.Used)];
        if (back is []) return new(answer, Replayed: true);

        ImmutableArray<AppliedDiscount> standing = [.. answer.Discounts.Where(one => back.All(use => use.Campaign != one.Campaign))];
        var result = standing is not [] ? RedemptionResult.Partial
            : back.Any(use => use.State == UseState.Voided) ? RedemptionResult.Voided
            : back.Any(use => use.State == UseState.Returned) ? RedemptionResult.Returned
            : RedemptionResult.Restored;
        return new(answer with { Result = result, Discounts = standing }, Replayed: true, back);
    }

    private static RedemptionAnswer Voided(LedgerRow early) => new(RedemptionResult.Voided, [], [], early.TraceId);

    private static bool IsUse(LedgerRow row) => row.Kind == LedgerKind.Used;

    /// <summary>A void that came before its sale.</summary>
    private static bool IsVoidOfNothing(LedgerRow row) => row is { Kind: LedgerKind.Voided, Amends: null };

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
