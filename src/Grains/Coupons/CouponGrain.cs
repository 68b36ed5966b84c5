using System.Diagnostics;
using System.Text.Json;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;
using Microsoft.Extensions.Logging;
using Orleans.Utilities;

namespace CoopLine.Grains.Coupons;

[GrainType("coupon")]
internal sealed class CouponGrain(
    [PersistentState(StateNames.Coupon, StateNames.Storage)] IPersistentState<CouponState> coupon,
    TimeProvider clock, ILogger<CouponGrain> log) : StateGrain<CouponState>(coupon), ICouponGrain
{
    private static readonly TimeSpan WatchedFor = TimeSpan.FromMinutes(1);

    /// <summary>Pages that show the coupon's code now; as a rule none.</summary>
    private ObserverManager<ICouponWatcher>? watchers;

    private string Campaign => this.Parts().Campaign;

    private string Member => this.Parts().Member;

    public async Task<UseOutcome> Use(CouponUse use, RedemptionAnswer? answer)
    {
        LedgerRow row = new()
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
            Decision = use.Decision,
            Actor = Actors.Till,
            Answer = answer is null ? null : JsonSerializer.Serialize(answer, StateJson.Options),
            TraceId = Telemetry.TraceId,
            Version = use.Version,
        };
        try
        {
            var outcome = await Decide(state => state.UseFor(use, row));
            Activity.Current?.SetTag("coopline.campaign.id", Campaign).SetTag("coopline.coupon.outcome", outcome.GetType().Name);
            TellWatchers();
            // Used or refused, a coupon is rarely asked again. Deactivated at once, it does not burden the garbage
            // collector for a quarter of an hour.
            if (watchers is null) DeactivateOnIdle();
            return outcome;
        }
        catch (Exception e) when (StorageRefusal.IsReceiptOfAnotherRequest(e))
        {
            return new UseOutcome.ReceiptDecided(); // By another activation of the receipt, with another coupon.
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
        Activity.Current?.SetTag("coopline.campaign.id", Campaign).SetTag("coopline.coupon.outcome", row?.Kind.ToString() ?? "None");
        TellWatchers();
        return row;
    }

    public Task<bool> Forsake(ReceiptKey receipt, string attempt) => Decide(state => state.Forsake(receipt, attempt));

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

    private void TellWatchers() => watchers?.Notify(watcher => watcher.Changed());

    private string UseId(ReceiptKey receipt) => $"{LedgerKind.Used}|{receipt}|{this.Id()}";
}
