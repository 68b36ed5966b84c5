using System.Collections.Immutable;
using System.Text.Json.Serialization;
using CoopLine.Grains.Ledger;

namespace CoopLine.Grains.Storage;

/// <summary>
/// A state whose changes are kept in the ledger. A rule that changes it puts the rows of that change into it, and the write
/// files them. They are gone from memory when the write is done, as they are after a read: the next change begins without rows.
/// </summary>
public abstract record StateWithLedger
{
    /// <summary>Rows of the change that is being written: filed with it, and not read back.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenReading)]
    public ImmutableArray<LedgerRow> Ledger { get; init; } = [];

    /// <summary>
    /// What the change that is being written was decided from, when that was not read just now. Orleans' own provider does not
    /// look at it: with that one, everything is read just before.
    /// </summary>
    [JsonIgnore]
    public Reliance? Relied { get; init; }

    /// <summary>As it is once it has been written.</summary>
    public virtual StateWithLedger Written() => Ledger is [] && Relied is null ? this : this with { Ledger = [], Relied = null };
}

/// <summary>A state whose changes are also counted in the numbers that campaigns limit.</summary>
public abstract record StateWithCounts : StateWithLedger
{
    /// <summary>What the change that is being written counts, as <see cref="StateWithLedger.Ledger"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenReading)]
    public ImmutableArray<CountChange> Counts { get; init; } = [];

    public override StateWithLedger Written() =>
        base.Written() is StateWithCounts { Counts: not [] } counted ? counted with { Counts = [] } : base.Written();
}
