using System.Text.Json;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;

namespace CoopLine.Grains.Coupons;

[GrainType("coupon")]
internal sealed class CouponGrain(
    [PersistentState(StateNames.Coupon, StateNames.Storage)] IPersistentState<CouponState> coupon,
    TimeProvider clock) : StateGrain<CouponState>(coupon), ICouponGrain
{
    private string Campaign => this.Id().Split('/')[0];

    private string Member => this.Id().Split('/')[1];

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
            Actor = "till",
            Answer = answer is null ? null : JsonSerializer.Serialize(answer, StateJson.Options),
            TraceId = Telemetry.TraceId,
            Version = use.Version,
        };
        try
        {
            return await Decide(state => state.UseFor(use, row));
        }
        catch (Exception e) when (StorageRefusal.IsReceiptOfAnotherRequest(e))
        {
            return new UseOutcome.ReceiptDecided(); // By another activation of the receipt, with another coupon.
        }
    }

    public Task<LedgerRow?> TakeBack(ReceiptKey receipt, LedgerKind kind, bool giveBack, string actor, string? reason) =>
        Decide(state => state.TakeBack(new()
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

    public async Task<CouponUse?> Fence(string account, int sequence)
    {
        await Decide(state => state.Fence(account, sequence));
        return State.Use is { } use && use.Account == account ? use : null;
    }

    public async Task<CouponUse?> Supersede()
    {
        await Decide(state => state.Supersede());
        return State.Use;
    }

    public async Task<CouponUse?> Standing()
    {
        if (State.Use is not null) await ReadAgain(); // It may have been taken back meanwhile, through another activation.
        return State.Use;
    }

    private string UseId(ReceiptKey receipt) => $"{LedgerKind.Used}|{receipt}|{this.Id()}";
}
