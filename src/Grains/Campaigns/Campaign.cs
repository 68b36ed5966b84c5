namespace CoopLine.Grains.Campaigns;

[GenerateSerializer, Alias("coopline.campaign-status")]
public enum CampaignStatus
{
    Draft,
    Published,
    Stopped,
}

/// <summary>A campaign as the rules see it at one moment.</summary>
/// <param name="Version">Counts the definitions the campaign has had, from 1.</param>
[GenerateSerializer, Immutable, Alias("coopline.campaign")]
public sealed record Campaign(
    [property: Id(0)] string Id,
    [property: Id(1)] int Version,
    [property: Id(2)] CampaignStatus Status,
    [property: Id(3)] CampaignDefinition Definition,
    [property: Id(4)] DateTimeOffset? StoppedAt);
