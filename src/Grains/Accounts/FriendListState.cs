using System.Text.Json.Serialization;
using CoopLine.Grains.Storage;

namespace CoopLine.Grains.Accounts;

/// <summary>The newest reading of LINE's list of friends, and how far it has come.</summary>
public sealed record FriendListState : StateWithLedger
{
    public FriendList? List { get; init; }

    /// <summary>LINE's mark of the page to be read; null for the first.</summary>
    public string? Next { get; init; }

    /// <summary>Counts the readings, so that each has a ledger row of its own.</summary>
    public int Readings { get; init; }

    [JsonPropertyOrder(1)]
    public bool Pending => List?.Status == FriendListStatus.Reading;
}
