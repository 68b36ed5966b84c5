using System.Collections.Immutable;
using CoopLine.Grains;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Redemptions;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Pos;

/// <summary>Puts decisions into the till's words: camel case, Japanese sentences, the co-op's time.</summary>
internal sealed class TillResponses(CoopTime time, IOptions<SiteOptions> site)
{
    /// <param name="trace">Of this request; for answers that were kept without one.</param>
    public RedemptionResponse Of(RedeemOutcome.Answered done, string trace, ImmutableArray<WarningResponse>? warnings)
    {
        var answer = Of(done.Answer, done.Replayed, trace);
        return done.TakenBack is null && warnings is null ? answer : answer with
        {
            TakenBack = done.TakenBack is { } back ? [.. back.Select(use => new TakenBackResponse(use.Campaign, use.Line, use.State))] : null,
            Warnings = warnings,
        };
    }

    private RedemptionResponse Of(RedemptionAnswer answer, bool replayed, string trace) => new(
        answer.Result,
        replayed,
        [.. answer.Discounts.Select(one => new DiscountResponse(one.Campaign, one.Line, one.Units, one.Amount))],
        [.. answer.Refusals.Select(Of)],
        answer.TraceId ?? trace);

    public ReceiptResponse Of(ReceiptKey receipt, GiveBackReport report, string trace) =>
        new(ReceiptReference.Of(receipt), Of(report.Uses), report.Replayed, report.TraceId ?? trace);

    public ReceiptResponse Of(ReceiptKey receipt, ReceiptReport report, string trace) => new(
        ReceiptReference.Of(receipt),
        Of(report.Uses),
        Replayed: false,
        trace,
        Of(report.Answer, replayed: false, trace));

    /// <summary>What the cashier reads to the customer.</summary>
    public string Sentence(Refusal refusal)
    {
        var store = refusal.UsedStore is { } number
            ? site.Value.Stores.GetValueOrDefault(number) ?? RefusalTexts.StoreByNumber(number)
            : null;
        return RefusalTexts.Sentence(refusal, time.Local(refusal.UsedAt), store);
    }

    private RefusalResponse Of(Refusal refusal) =>
        new(
            refusal.Campaign, refusal.Reason, Sentence(refusal), time.Local(refusal.UsedAt), refusal.UsedStore, refusal.MissingYen,
            refusal.MissingUnits);

    private ImmutableArray<UseResponse> Of(ImmutableArray<ReceiptUse> uses) =>
    [
        .. uses.Select(use => new UseResponse(
            use.Campaign, use.Line, use.Units, use.Amount, use.State,
            time.Local(use.UsedAt), time.Local(use.ChangedAt), use.GivenBack)),
    ];
}
