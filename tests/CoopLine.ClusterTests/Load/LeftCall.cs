using CoopLine.Grains.Ledger;

namespace CoopLine.ClusterTests.Load;

/// <summary>A call whose outcome its till never learned.</summary>
internal sealed record LeftCall(Basket Basket, bool IsVoid, string Trace)
{
    /// <summary>How often it happened, as the ledger has it. A receipt is decided once, and each of its uses voided once.</summary>
    public int TimesIn(IEnumerable<LedgerRow> ledger)
    {
        var rows = ledger.Where(row => row.Receipt == Basket.Sale.Path).ToArray();
        var uses = rows.Where(row => row.Kind == LedgerKind.Used).ToArray();
        if (!IsVoid) return uses.DistinctBy(use => use.Decision).Count();

        var voids = uses.Select(use => rows.Count(row => row.Amends == use.Id)).DefaultIfEmpty().ToArray();
        return voids.Max() > 1 ? voids.Max() : voids.Min(); // of several, some may be missing
    }
}

/// <summary>The same call once more, after everything had come to rest.</summary>
/// <param name="Before">How often the ledger had it, before it was sent again.</param>
/// <param name="After">The same, after.</param>
internal sealed record LearnedCall(LeftCall Call, Answer Answer, int Before, int After)
{
    /// <summary>That it had happened before it was sent again, as the till is told.</summary>
    public bool HadHappened => Answer is { Ok: true, Replayed: true };

    /// <summary>It had happened, and that is forgotten; or the till is told another thing than the ledger has.</summary>
    public bool IsLost => (Before > 0 && !HadHappened) || HasHappened != After > 0;

    /// <summary>It happened twice, or is told as the doing of another call.</summary>
    public bool IsDouble => After > 1 || (HadHappened && !Call.IsVoid && Answer.Text("traceId") != Call.Trace);

    /// <summary>Then or now.</summary>
    private bool HasHappened => Call.IsVoid ? Answer.Ok : Answer.IsPromise;

    public override string ToString() =>
        $"{(Call.IsVoid ? "void" : "redemption")} of {Call.Basket.Sale.Path}, trace {Call.Trace}: "
        + $"{Before} times in the ledger, {After} times after it was sent again and answered {Answer}";
}
