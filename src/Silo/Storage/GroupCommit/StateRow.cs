using CoopLine.Silo.Storage.Batching;

namespace CoopLine.Silo.Storage.GroupCommit;

/// <summary>Where a state stands in the table: the same columns, with the same values, as the AdoNet provider uses.</summary>
/// <param name="StateName">Column GrainTypeString.</param>
/// <param name="Key">Column GrainIdExtensionString.</param>
internal readonly record struct StateRow(int KeyHash, int NameHash, string StateName, string Key);

/// <param name="Payload">UTF-8 JSON; null when the state was cleared.</param>
internal sealed record StoredState(byte[]? Payload, int Version);

/// <summary>Results in null when there is no such row.</summary>
internal sealed class StateRead(StateRow row) : Waiting<StoredState?>
{
    public StateRow Row { get; } = row;
}

/// <summary>Results in the new version; in null when another version was there.</summary>
/// <param name="payload">UTF-8 JSON; null clears the state.</param>
/// <param name="version">The version that must be there; null for a first write.</param>
internal sealed class StateWrite(StateRow row, byte[]? payload, int? version) : Waiting<int?>
{
    public StateRow Row { get; } = row;

    public byte[]? Payload { get; } = payload;

    public int? Version { get; } = version;

    public override int Bytes => Payload?.Length ?? 0;
}
