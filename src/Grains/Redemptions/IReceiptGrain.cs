using System.Collections.Immutable;

namespace CoopLine.Grains.Redemptions;

/// <summary>One receipt: the record of its decision, its void and its returns. Key: <c>r-</c> + date/store/register/number.</summary>
[Alias("coopline.receipt")]
public interface IReceiptGrain : IUnfinishedGrain
{
    /// <summary>What was decided for this receipt.</summary>
    /// <param name="requestHash"><see cref="Purchase.Hash"/> of who asks.</param>
    /// <returns><c>Answered</c> with <c>Replayed</c>, <c>AnotherRequest</c> or <c>Undecided</c>.</returns>
    [Alias("recorded")]
    Task<RedeemOutcome> Recorded(string requestHash);

    /// <summary>Records a plan that uses several coupons, and uses them. What a crash interrupts is finished later.</summary>
    [Alias("carry-out")]
    Task<WriteOutcome> CarryOut(Plan plan);

    /// <returns>Null when nothing was ever redeemed on this receipt.</returns>
    [Alias("report")]
    Task<ReceiptReport?> Report();

    /// <summary>
    /// The whole receipt is void: each of its coupons is given back once, if its campaign is still on. A receipt on which nothing
    /// was redeemed is void from now on: its sale, when it comes, uses nothing.
    /// </summary>
    /// <returns>Never null; older processes wait for that.</returns>
    [Alias("void")]
    Task<GiveBackReport?> Void();

    /// <summary>Whole lines come back; called by older processes.</summary>
    [Alias("return")]
    Task<GiveBackReport?> Return(ImmutableArray<int> lines);

    /// <summary>
    /// Units of lines come back. The coupons that the units which stay cannot hold are given back once, if the campaign is still on.
    /// </summary>
    /// <param name="name">Of this return: sent again, it counts once.</param>
    /// <param name="units">At least one.</param>
    /// <returns>Null when nothing was ever redeemed on this receipt.</returns>
    [Alias("return-units")]
    Task<GiveBackReport?> ReturnUnits(string name, ImmutableArray<ReturnedUnits> units);

    /// <summary>Staff give a use back, whether or not the campaign is still on.</summary>
    /// <returns>Null when this campaign was not redeemed on this receipt.</returns>
    [Alias("restore")]
    Task<GiveBackReport?> Restore(string campaign, string staff, string reason);
}
