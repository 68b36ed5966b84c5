using System.Collections.Immutable;
using System.Text;
using CoopLine.Grains;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;
using CoopLine.Silo.Storage.Batching;
using Orleans.Storage;

namespace CoopLine.Silo.Storage.GroupCommit;

/// <summary>Where a state stands in the table: the same columns, with the same values, as the AdoNet provider uses.</summary>
/// <param name="StateName">Column GrainTypeString.</param>
/// <param name="Key">Column GrainIdExtensionString.</param>
internal readonly record struct StateRow(int KeyHash, int NameHash, string StateName, string Key)
{
    private static readonly OrleansDefaultHasher Hasher = new();

    /// <exception cref="ArgumentException">The AdoNet provider would fold such a key together with others.</exception>
    public static StateRow Of(string stateName, string key)
    {
        // dotnet/orleans#9706. GrainKeys makes none.
        if (!GrainKeys.IsSafe(key))
            throw new ArgumentException("A grain key starts with a letter that is no hexadecimal digit, and a hyphen.", nameof(key));
        var backwards = Encoding.UTF8.GetBytes(key);
        Array.Reverse(backwards); // That is how it hashes keys, and not names.
        return new(Hasher.Hash(backwards), Hasher.Hash(Encoding.UTF8.GetBytes(stateName)), stateName, key);
    }
}

/// <param name="Payload">UTF-8 JSON; null when the state was cleared.</param>
internal sealed record StoredState(byte[]? Payload, int Version);

/// <summary>Results in null when there is no such row.</summary>
internal sealed class StateRead(StateRow row) : Waiting<StoredState?>
{
    public StateRow Row { get; } = row;
}

/// <summary>Results in the new version; in null when something else than expected was there.</summary>
/// <param name="payload">UTF-8 JSON without ledger rows; null clears the state.</param>
/// <param name="version">The version that must be there; null for a first write.</param>
/// <param name="pending">Whether the payload says <c>"pending": true</c>.</param>
/// <param name="ledger">Filed with the state.</param>
/// <param name="counts">Counted with the state.</param>
/// <param name="relied">What must not have changed; null for nothing.</param>
internal sealed class StateWrite(
    StateRow row, byte[]? payload, int? version, bool pending, ImmutableArray<LedgerRow> ledger,
    ImmutableArray<CountChange> counts, Reliance? relied) : Waiting<int?>
{
    public StateRow Row { get; } = row;

    public byte[]? Payload { get; } = payload;

    public int? Version { get; } = version;

    public bool Pending { get; } = pending;

    public ImmutableArray<LedgerRow> Ledger { get; } = ledger;

    public ImmutableArray<CountChange> Counts { get; } = counts;

    public Reliance? Relied { get; } = relied;

    public override int Bytes => (Payload?.Length ?? 0) + Ledger.Sum(one => one.Bytes);

    /// <summary>The receipt for which it files a use, or a void that comes before its sale; null for none.</summary>
    public string? UsedFor => Ledger.FirstOrDefault(one => one is { Receipt: not null, Amends: null })?.Receipt;

    /// <summary>The database has another decision about the receipt (<see cref="StorageRefusal"/>).</summary>
    public void RefuseForReceipt() => Fail(new ReceiptDecidedException());

    /// <summary>It would have passed a limit (<see cref="StorageRefusal"/>).</summary>
    public void RefuseForLimit() => Fail(new LimitReachedException());
}

/// <summary>One receipt has one decision.</summary>
internal sealed class ReceiptDecidedException() : OrleansException(StorageRefusal.ReceiptHasAnotherRequest);

/// <summary>A campaign has limits.</summary>
internal sealed class LimitReachedException() : OrleansException(StorageRefusal.LimitReached);
