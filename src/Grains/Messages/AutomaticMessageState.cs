using System.Text.Json.Serialization;
using CoopLine.Grains.Storage;

namespace CoopLine.Grains.Messages;

/// <summary>A message that defines itself: its rule, and who stands for it.</summary>
public sealed record AutomaticMessageState : StateWithLedger
{
    public AutomaticRule? Rule { get; init; }

    /// <summary>Name of the staff key that gave the rule.</summary>
    public string? Author { get; init; }

    /// <summary>Null while it is off.</summary>
    public Review? On { get; init; }

    /// <summary>Counts every change, so that each has a ledger row of its own.</summary>
    public int Changes { get; init; }

    /// <summary>While it is on, there is always a next time.</summary>
    [JsonPropertyOrder(1)]
    public bool Pending => On is not null;
}
