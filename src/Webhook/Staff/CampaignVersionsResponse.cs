using System.Collections.Immutable;
using System.Text.Json;
using CoopLine.Grains;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;

namespace CoopLine.Webhook.Staff;

/// <param name="Versions">From the first to the newest.</param>
public sealed record CampaignVersionsResponse(ImmutableArray<CampaignVersionResponse> Versions)
{
    internal static CampaignVersionsResponse Of(ImmutableArray<CampaignVersion> versions, CoopTime time) =>
        new([.. versions.Select(version => CampaignVersionResponse.Of(version, time))]);
}

/// <param name="DefinedBy">Name of the staff key.</param>
/// <param name="Uses">Uses that stand and that this version decided.</param>
/// <param name="Definition">Null for a version that was defined before CoopLine kept them.</param>
public sealed record CampaignVersionResponse(
    int Version, DateTimeOffset DefinedAt, string? DefinedBy, long Uses, CampaignDefinitionResponse? Definition)
{
    internal static CampaignVersionResponse Of(CampaignVersion version, CoopTime time) => new(
        version.Defined.Version!.Value,
        time.Local(version.Defined.At),
        version.Defined.Actor,
        version.Uses,
        version.Defined.Answer is { } kept
            ? CampaignDefinitionResponse.Of(JsonSerializer.Deserialize<CampaignDefinition>(kept, StateJson.Options)!, time)
            : null);
}
