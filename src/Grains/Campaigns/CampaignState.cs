using CoopLine.Grains.Storage;

namespace CoopLine.Grains.Campaigns;

/// <summary>The definition of a campaign as it stands.</summary>
public sealed record CampaignState : StateWithLedger
{
    /// <summary>Counts the definitions, from 1.</summary>
    public int Version { get; init; }

    /// <summary>Counts every change, so that each has a ledger row of its own.</summary>
    public int Changes { get; init; }

    public CampaignStatus Status { get; init; }

    public CampaignDefinition? Definition { get; init; }

    public DateTimeOffset? StoppedAt { get; init; }

    public MemberList? List { get; init; }

    /// <returns>Null before the first definition.</returns>
    public Campaign? AsCampaign(string id) =>
        Definition is null ? null : new(id, Version, Status, Definition, StoppedAt, List: List);
}
