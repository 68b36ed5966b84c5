using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using CoopLine.Grains.Registry;
using CoopLine.Webhook.Edge;

namespace CoopLine.Webhook.Staff;

/// <summary>Members by what the registry says of them. One of the two is there, or both, and then both have to fit.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SegmentRequest : IValidatableObject
{
    /// <summary><c>store</c>, <c>home</c>, <c>group</c>: members with any of these.</summary>
    [Length(1, 3), Each(BusinessNames.Shape)]
    public IReadOnlyList<string>? Businesses { get; init; }

    /// <summary>Members whose home store is one of these, as the registry writes it.</summary>
    [Length(1, CampaignRequest.ListMax), Each(@"\P{Cc}{1,32}")]
    public IReadOnlyList<string>? HomeStores { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Businesses is null && HomeStores is null) yield return new("Say which businesses or home stores.", [nameof(Businesses)]);
    }

    internal IReadOnlyCollection<Business>? ReadBusinesses() => Businesses?.Select(name => BusinessNames.Read(name)!.Value).ToArray();
}
