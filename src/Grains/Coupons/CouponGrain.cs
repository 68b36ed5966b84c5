using System.Diagnostics;
using System.Text.Json;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Placement;
using Orleans.Storage;
using Orleans.Utilities;

namespace CoopLine.Grains.Coupons;

/// <summary>The queue in front of one coupon. It wakes where it is called, without a read: most coupons were never used.</summary>
[GrainType("coupon"), PreferLocalPlacement]
internal sealed class CouponGrain(
    [FromKeyedServices(StateNames.Storage)] IGrainStorage storage, IGrainContextAccessor context,
    WriteGuard guard, ICampaignCounts counts, TimeProvider clock, ILogger<CouponGrain> log)
    : StateGrain<CouponState>(new LateState<CouponState>(StateNames.Coupon, context.GrainContext.GrainId, storage)), ICouponGrain
{
    private static readonly TimeSpan WatchedFor = TimeSpan.FromMinutes(1);

    /// <summary>Pages that show the coupon's code now; as a rule none.</summary>
    private ObserverManager<ICouponWatcher>? watchers;

    private string Campaign => this.Parts().Campaign;

    private string Member => this.Parts().Member;

    public async Task<UseOutcome> Use(CouponUse use, RedemptionAnswer? answer, Reliance? relied)
    {
        // Nobody would look whether what was remembered is still so.
        if (relied is { Remembered: true } && !guard.IsThere) return new UseOutcome.Stale();
        var row = Row(use, answer);
        try
        {
            var outcome = await Decide(use, row, relied);
            Tag(outcome.GetType().Name);
            NotifyWatchers();
            // A coupon that was used is rarely asked again. Deactivated at once, it does not burden the garbage collector for
            // a quarter of an hour. One that refuses stays: others may be asking for it at this moment.
            if (watchers is null && outcome is UseOutcome.Used) DeactivateOnIdle();
            return outcome;
        }
        catch (Exception e) when (StorageRefusal.IsReceiptOfAnotherRequest(e))
        {
            return new UseOutcome.ReceiptDecided(); // With another coupon, by whoever was faster.
        }
        catch (Exception e) when (StorageRefusal.IsLimitReached(e))
        {
            return await WithoutRoom(use, row);
        }
    }

    public async Task<LedgerRow?> TakeBack(ReceiptKey receipt, LedgerKind kind, bool giveBack, string actor, string? reason)
    {
        var row = await Decide(state => state.TakeBack(new()
        {
            Id = $"{kind}|{receipt}|{this.Id()}",
            Kind = kind,
            At = clock.GetUtcNow(),
            Campaign = Campaign,
            Member = Member,
            Account = state.Use?.Account,
            Store = receipt.Store,
            Receipt = receipt.ToString(),
            Line = state.Use?.Line,
            Yen = state.Use?.Yen ?? 0,
            Amends = UseId(receipt),
            GivenBack = giveBack,
            Actor = actor,
            Reason = reason,
            TraceId = Telemetry.TraceId,
        }));
        Tag(row?.Kind.ToString() ?? "None");
        NotifyWatchers();
        return row;
    }

    public Task<bool> Forsake(ReceiptKey receipt, Attempt attempt) => Decide(state => state.Forsake(receipt, attempt));

    public async Task<CouponUse?> Fence(string account, int sequence)
    {
        await Decide(state => state.Fence(account, sequence));
        return State.Use is { } use && use.Account == account ? use : null;
    }

    public async Task<CouponUse?> Supersede()
    {
        await Decide(state => state.Supersede(clock.GetUtcNow()));
        return State.Use;
    }

    public Task Watch(ICouponWatcher watcher)
    {
        watchers ??= new(WatchedFor, log);
        watchers.Subscribe(watcher, watcher);
        return Task.CompletedTask;
    }

    /// <summary>
    /// The first write is tried on what this activation believes, which is at first that the coupon was never used. The row in
    /// the database knows better: then it is read, and if the coupon is free after all, the write is tried once more.
    /// </summary>
    private async Task<UseOutcome> Decide(CouponUse use, LedgerRow row, Reliance? relied)
    {
        for (var tries = 0; tries < 2; tries++)
        {
            var (wanted, likely) = State.UseFor(use, row);
            var isFree = likely is UseOutcome.Used { Before: false };
            if (isFree && await TrySave(wanted with { Relied = relied })) return likely;
            await ReadAgain();
            if (!isFree) break;
        }

        var (next, outcome) = State.UseFor(use, row);
        if (outcome is UseOutcome.Used { Before: false }) return new UseOutcome.Stale();
        await Save(next);
        return outcome;
    }

    /// <summary>
    /// Another use of the same batch may have been given the last room, and then have failed. So the numbers are read: where they
    /// leave room after all, it has to be decided again.
    /// </summary>
    private async Task<UseOutcome> WithoutRoom(CouponUse use, LedgerRow row)
    {
        var given = await counts.Read([Campaign], CountScope.Of(use.Receipt.Store, use.Receipt.BusinessDate));
        if (use.Limits!.Room(Campaign, use.Receipt.Store, use.Receipt.BusinessDate, given).Yen >= use.Yen) return new UseOutcome.Stale();

        var outcome = await Decide(state => state.SoldOutFor(use, row));
        Tag(outcome.GetType().Name);
        return outcome;
    }

    private LedgerRow Row(CouponUse use, RedemptionAnswer? answer) => new()
    {
        Id = UseId(use.Receipt),
        Kind = LedgerKind.Used,
        At = use.At,
        Campaign = Campaign,
        Member = Member,
        Account = use.Account,
        Store = use.Receipt.Store,
        Receipt = use.Receipt.ToString(),
        Line = use.Line,
        Yen = use.Yen,
        RequestHash = use.RequestHash,
        Decision = use.Decision?.Name,
        Actor = Actors.Till,
        // The row says all of it: one coupon, used.
        Answer = answer is null or { Refusals: [] } ? null : JsonSerializer.Serialize(answer, StateJson.Options),
        Planned = answer is null,
        TraceId = Telemetry.TraceId,
        Version = use.Version,
    };

    private void Tag(string outcome) =>
        Activity.Current?.SetTag("coopline.campaign.id", Campaign).SetTag("coopline.coupon.outcome", outcome);

    private void NotifyWatchers() => watchers?.Notify(watcher => watcher.Changed());

    private string UseId(ReceiptKey receipt) => $"{LedgerKind.Used}|{receipt}|{this.Id()}";
}
