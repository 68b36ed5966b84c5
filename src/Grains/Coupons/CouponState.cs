using System.Collections.Immutable;
using System.Text.Json.Serialization;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;

namespace CoopLine.Grains.Coupons;

/// <summary>Used or not, by which receipt; the rules of single use.</summary>
public sealed record CouponState : StateWithCounts
{
    private const int AttemptsMax = 32;
    private const int LostMax = 64;
    private const int FencesMax = 100;

    /// <summary>Whatever is older is in the ledger, which lets no receipt use a coupon by a second decision.</summary>
    private const int TakenBackMax = 64;

    /// <summary>Longer than a plan can be under way, and longer than clocks differ.</summary>
    private static readonly TimeSpan SupersededFor = TimeSpan.FromMinutes(10);

    /// <summary>The use that stands. A use that was voided after the campaign's end stands as well: it is not given back.</summary>
    public CouponUse? Use { get; init; }

    /// <summary>The newest rows that took uses back, oldest first.</summary>
    public ImmutableArray<LedgerRow> TakenBack { get; init; } = [];

    /// <summary>For accounts that had this member number before: their first link that may use it (again).</summary>
    public ImmutableArray<AccountFence> Fences { get; init; } = [];

    /// <summary>
    /// Plans that found it used by another receipt, or its campaign used up, oldest first. They never get it, even once there is
    /// room again: whoever carries such a plan out again finds the same, so that a plan has one answer.
    /// </summary>
    public ImmutableArray<Loss> Lost { get; init; } = [];

    /// <summary>Calls that were answered "refused", oldest first: no decision of theirs that is still under way gets this coupon.</summary>
    public ImmutableArray<Attempt> Forsaken { get; init; } = [];

    /// <summary>The member number was replaced by another.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Superseded { get; init; }

    /// <summary>
    /// When the number that took this one's place was about to use its own coupon. Plans made before that come too late, and
    /// so do plans made shortly after, since clocks differ. If the registry takes the replacement back, later plans count again.
    /// </summary>
    public DateTimeOffset? SupersededAt { get; init; }

    /// <param name="row">Files the use, if it comes to one.</param>
    public (CouponState Next, UseOutcome Outcome) UseFor(CouponUse asked, LedgerRow row) => this switch
    {
        _ when Lost.FirstOrDefault(loss => loss.Decision == asked.Decision) is { To: { } earlier } =>
            (this, new UseOutcome.AlreadyUsed(earlier)),
        _ when Lost.Any(loss => loss.IsSoldOut && loss.Decision == asked.Decision) => (this, new UseOutcome.SoldOut()),
        _ when Forsaken.Any(attempt => asked.Decision is { } decision && decision.IsOf(attempt)) => (this, new UseOutcome.Fenced()),
        { Use: { } standing } when standing.Receipt == asked.Receipt => (this, SameReceipt(standing, asked)),
        _ when TakenBack.Any(back => back.Receipt == row.Receipt) => (this, new UseOutcome.ReceiptDecided()),
        { Use: { } standing } when asked.Decision is { } plan && row.Planned => (Lose(new(plan, standing)), new UseOutcome.AlreadyUsed(standing)),
        { Use: { } standing } => (this, new UseOutcome.AlreadyUsed(standing)),
        { Superseded: true } when !(asked.At >= SupersededAt + SupersededFor) => (this, new UseOutcome.Fenced()),
        _ when Fences.Any(fence => fence.Account == asked.Account && asked.LinkSequence < fence.From) =>
            (this, new UseOutcome.Fenced()),
        _ => (
            this with { Use = Kept(asked), Ledger = [row], Counts = asked.CountedIn(row.Campaign!) },
            new UseOutcome.Used(asked, Before: false)),
    };

    /// <param name="row">What takes it back; <see cref="LedgerRow.GivenBack"/> says whether it becomes usable.</param>
    public (CouponState Next, LedgerRow? Row) TakeBack(LedgerRow row)
    {
        var earlier = TakenBack.FirstOrDefault(back => back.Receipt == row.Receipt);
        var stands = Use?.Receipt.ToString() == row.Receipt;
        // Taking back twice changes nothing, except that staff can give back what a void after the campaign's end did not.
        if (!stands || (earlier is not null && row.Kind != LedgerKind.Restored)) return (this, earlier);
        var next = this with { TakenBack = [.. TakenBack.TakeLast(TakenBackMax - 1), row], Ledger = [row] };
        return (row.GivenBack ? next with { Use = null, Counts = Use!.CountedOut(row.Campaign!) } : next, row);
    }

    /// <summary>As <see cref="UseFor"/>, for a use that the campaign has no room for.</summary>
    public (CouponState Next, UseOutcome Outcome) SoldOutFor(CouponUse asked, LedgerRow row) => UseFor(asked, row) switch
    {
        { Outcome: UseOutcome.Used { Before: false } } when row.Planned && asked.Decision is { } plan =>
            (Lose(new(plan, To: null, IsSoldOut: true)), new UseOutcome.SoldOut()),
        { Outcome: UseOutcome.Used { Before: false } } => (this, new UseOutcome.SoldOut()),
        var otherwise => otherwise,
    };

    /// <summary>The till is about to be told "refused": whatever of its call is still under way must not get this coupon.</summary>
    /// <returns>False when a decision for this receipt has got it already.</returns>
    public (CouponState Next, bool Free) Forsake(ReceiptKey receipt, Attempt attempt)
    {
        var decided = Use?.Receipt == receipt || TakenBack.Any(back => back.Receipt == receipt.ToString());
        if (decided || Forsaken.Contains(attempt)) return (this, !decided);

        // An attempt hangs for seconds, not for ever. So the oldest may go, and a coupon in a storm of calls stays small.
        return (this with { Forsaken = [.. Forsaken.TakeLast(AttemptsMax - 1), attempt] }, true);
    }

    public CouponState Fence(string account, int sequence) =>
        Fences.Any(fence => fence.Account == account && fence.From >= sequence)
            ? this
            : this with
            {
                Fences = [.. Fences.Where(fence => fence.Account != account).TakeLast(FencesMax - 1), new(account, sequence)],
            };

    public CouponState Supersede(DateTimeOffset now) =>
        now < SupersededAt + (SupersededFor / 2) ? this : this with { Superseded = true, SupersededAt = now };

    private CouponState Lose(Loss loss) => this with { Lost = [.. Lost.TakeLast(LostMax - 1), loss] };

    /// <summary>A use as it is stored.</summary>
    private static CouponUse Kept(CouponUse use) =>
        use with { RequestHash = use.Decision is null ? use.RequestHash : null, Limits = null };

    private UseOutcome SameReceipt(CouponUse standing, CouponUse asked) =>
        asked.IsOfTheDecisionOf(standing) && TakenBack.All(back => back.Receipt != standing.Receipt.ToString())
            ? new UseOutcome.Used(standing, Before: true)
            : new UseOutcome.ReceiptDecided();

    public sealed record AccountFence(string Account, int From);

    /// <param name="To">The use that was there before. Null without one; older versions kept calls here, which are long over.</param>
    /// <param name="IsSoldOut">The campaign had no room.</param>
    public sealed record Loss(
        Decision Decision, CouponUse? To,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool IsSoldOut = false);
}
