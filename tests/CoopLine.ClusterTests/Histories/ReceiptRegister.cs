namespace CoopLine.ClusterTests.Histories;

/// <summary>One receipt, which tills may send with different contents: open, or decided once and for all.</summary>
/// <param name="Body">The contents that it was decided for; null: it is open.</param>
/// <param name="Trace">The call that decided it.</param>
/// <param name="Told">What tills are told of it; null: nobody was told yet.</param>
internal sealed record ReceiptRegister(string? Body, string? Trace, string? Told)
{
    public static ReceiptRegister Open { get; } = new(null, null, null);

    /// <summary>"Redeemed", by this very call.</summary>
    /// <param name="by">Whose decision the answer says it is.</param>
    public ReceiptRegister? Decide(string body, string trace, string by, string told) =>
        Body is null && by == trace ? new(body, trace, told) : null;

    /// <summary>"Redeemed, replayed": an earlier call did it; or this one, and the program called itself again.</summary>
    /// <inheritdoc cref="Decide"/>
    public ReceiptRegister? Replay(string body, string trace, string by, string told) =>
        Body is null ? Decide(body, trace, by, told)
        : Body == body && Trace == by && (Told ?? told) == told ? this with { Told = told }
        : null;

    public ReceiptRegister MaybeDecide(string body, string trace) => Decide(body, trace, trace, "") is { } decided ? decided with { Told = null } : this;

    /// <summary>"Another request": decided for other contents.</summary>
    public ReceiptRegister? RefuseAsAnother(string body) => Body is null || Body == body ? null : this;

    /// <summary>"Voided": what it was decided for is taken back, or the void came first.</summary>
    public ReceiptRegister? SeenVoided(string body) => Body is null || Body == body ? this : null;

    /// <summary>"Refused", which is not remembered: a receipt that is decided has its answer.</summary>
    public ReceiptRegister? Refuse() => Body is null ? this : null;

    /// <summary>The end of the history, as the ledger has it.</summary>
    /// <param name="trace">The call that decided it, where the ledger says so.</param>
    public ReceiptRegister? End(bool decided, string? trace) =>
        decided == Body is not null && (trace ?? Trace) == Trace ? this : null;
}
