using System.Collections.Immutable;
using CoopLine.Grains.Ledger;

namespace CoopLine.Grains.Coupons;

/// <summary>Used or not, by which receipt; the rules of single use.</summary>
public sealed record CouponState
{
    /// <summary>The use that stands. A use that was voided after the campaign's end stands as well: it is not given back.</summary>
    public CouponUse? Use { get; init; }

    /// <summary>The rows that took uses back, oldest first.</summary>
    public ImmutableArray<LedgerRow> TakenBack { get; init; } = [];

    /// <summary>For accounts that had this member number before: their first link that may use it (again).</summary>
    public ImmutableArray<AccountFence> Fences { get; init; } = [];

    /// <summary>The member number was replaced by another.</summary>
    public bool Superseded { get; init; }

    /// <summary>Rows of the last change.</summary>
    public ImmutableArray<LedgerRow> Ledger { get; init; } = [];

    /// <param name="row">Files the use, if it comes to one.</param>
    public (CouponState Next, UseOutcome Outcome) UseFor(CouponUse asked, LedgerRow row) => this switch
    {
        { Use: { } standing } when standing.Receipt == asked.Receipt => (this, SameReceipt(standing, asked)),
        _ when TakenBack.Any(back => back.Receipt == row.Receipt) => (this, new UseOutcome.ReceiptDecided()),
        { Use: { } standing } => (this, new UseOutcome.AlreadyUsed(standing)),
        { Superseded: true } => (this, new UseOutcome.Fenced()),
        _ when Fences.Any(fence => fence.Account == asked.Account && asked.LinkSequence < fence.From) =>
            (this, new UseOutcome.Fenced()),
        _ => (this with { Use = asked, Ledger = [row] }, new UseOutcome.Used(asked, Before: false)),
    };

    /// <param name="row">What takes it back; <see cref="LedgerRow.GivenBack"/> says whether it becomes usable.</param>
    public (CouponState Next, LedgerRow? Row) TakeBack(LedgerRow row)
    {
        var earlier = TakenBack.FirstOrDefault(back => back.Receipt == row.Receipt);
        var stands = Use?.Receipt.ToString() == row.Receipt;
        // Staff can give back what a void after the campaign's end did not.
        if (!stands || (earlier is not null && !row.GivenBack)) return (this, earlier);
        return (this with { Use = row.GivenBack ? null : Use, TakenBack = TakenBack.Add(row), Ledger = [row] }, row);
    }

    public CouponState Fence(string account, int sequence) =>
        Fences.Any(fence => fence.Account == account && fence.From >= sequence)
            ? this
            : this with
            {
                Fences = [.. Fences.Where(fence => fence.Account != account), new(account, sequence)],
                Ledger = [],
            };

    public CouponState Supersede() => Superseded ? this : this with { Superseded = true, Ledger = [] };

    private UseOutcome SameReceipt(CouponUse standing, CouponUse asked) =>
        standing.RequestHash == asked.RequestHash && TakenBack.All(back => back.Receipt != standing.Receipt.ToString())
            ? new UseOutcome.Used(standing, Before: true)
            : new UseOutcome.ReceiptDecided();

    public sealed record AccountFence(string Account, int From);
}
