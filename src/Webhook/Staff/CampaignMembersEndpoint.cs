using System.Diagnostics;
using System.Security.Claims;
using System.Text;
using CoopLine.Grains;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Registry;
using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace CoopLine.Webhook.Staff;

/// <param name="Members">How many members are on the list now.</param>
public sealed record CampaignMembersResponse(string Campaign, int Members);

/// <summary>Says to which members a campaign is issued that is for a list.</summary>
internal static class CampaignMembersEndpoint
{
    private const int MembersMax = 1_000_000;
    private const long BodyLimitBytes = 32L * 1024 * 1024;
    private const int WrongLinesShown = 20;
    private const string Header = "member_number";

    extension(RouteGroupBuilder campaign)
    {
        public void MapMemberList()
        {
            campaign.MapPut("/members", Name)
                .Needs(Permission.WriteCampaigns)
                .WithSummary("The members to whom a campaign is issued that has issuedTo list: one member number a line, in place of those before.")
                .Accepts<Stream>(MediaTypes.Csv)
                .WithMetadata(new RequestSizeLimitAttribute(BodyLimitBytes))
                .ProducesProblem(StatusCodes.Status409Conflict)
                .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
            campaign.MapPut("/segment", Choose)
                .Needs(Permission.WriteCampaigns)
                .WithSummary("The same, of the registry: the active members who are so now, in place of those before.")
                .ProducesProblem(StatusCodes.Status409Conflict);
        }
    }

    private static async Task<Results<Ok<CampaignMembersResponse>, ProblemHttpResult>> Name(
        string id, HttpRequest request, ClaimsPrincipal staff, IGrainFactory grains, ICampaignLists lists, Patience patience,
        CancellationToken cancellation)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.IsCsv())
            return Problems.Refuse(415, "media-type", "Send the numbers as text/csv.");
        if (await Objection(id, grains, patience) is { } objection) return objection;

        var (members, wrong) = await Read(request.Body, cancellation);
        if (members.Count == 0 && wrong.Count == 0) return Nobody;
        return wrong.Count > 0
            ? Problems.Invalid(wrong.ToDictionary(one => $"line {one.Line}", one => new[] { one.Why }))
            : await Replace(id, await lists.Write(id, members.Order(StringComparer.Ordinal).ToAsyncEnumerable(), cancellation), staff, grains, lists, cancellation);
    }

    private static async Task<Results<Ok<CampaignMembersResponse>, ProblemHttpResult>> Choose(
        string id, [FromBody] SegmentRequest segment, ClaimsPrincipal staff, IGrainFactory grains, ICampaignLists lists, IRegistry registry,
        Patience patience, CancellationToken cancellation)
    {
        if (await Objection(id, grains, patience) is { } objection) return objection;

        var version = await registry.Version(cancellation);
        var list = await lists.Write(id, registry.Members(segment.ReadBusinesses(), segment.HomeStores, cancellation), cancellation);
        if (list.Members == 0) return Nobody;
        if (await registry.Version(cancellation) == version) return await Replace(id, list, staff, grains, lists, cancellation);

        await lists.Discard(id, list, cancellation);
        return Problems.Refuse(409, "registry-changed", "An import was applied meanwhile, and nothing changed here: send it again.");
    }

    /// <summary>Whoever wants that stops the campaign.</summary>
    private static ProblemHttpResult Nobody => Problems.Refuse(400, "nobody", "That would be a list of nobody. The list stays as it was.");

    private static async Task<ProblemHttpResult?> Objection(string id, IGrainFactory grains, Patience patience)
    {
        if (!CampaignId.IsValid(id) || await patience.Repeat(grains.Campaign(id).Read) is not { } campaign) return CampaignEndpoints.Unknown;
        return campaign.Definition.IssuedToList
            ? null
            : Problems.Refuse(409, "campaign-for-all", "This campaign is issued to all whom it is for: it has no list.");
    }

    private static async Task<Ok<CampaignMembersResponse>> Replace(
        string id, MemberList list, ClaimsPrincipal staff, IGrainFactory grains, ICampaignLists lists, CancellationToken cancellation)
    {
        if (await OnConflict.Repeat(() => grains.Campaign(id).IssueTo(list, staff.KeyOwner)) is not CampaignOutcome.Done)
            throw new UnreachableException(); // a campaign does not go away

        await lists.Forget(id, list, cancellation);
        return TypedResults.Ok(new CampaignMembersResponse(id, list.Members));
    }

    private static async Task<(IReadOnlyCollection<string> Members, IReadOnlyList<(int Line, string Why)> Wrong)> Read(
        Stream body, CancellationToken cancellation)
    {
        var members = new HashSet<string>(StringComparer.Ordinal);
        var wrong = new List<(int, string)>();
        using var reader = new StreamReader(body, Encoding.UTF8);
        for (var line = 1; wrong.Count < WrongLinesShown && await reader.ReadLineAsync(cancellation) is { } text; line++)
        {
            var field = text.Trim().Trim('"');
            if (field.Length == 0 || (line == 1 && field == Header)) continue;
            if (field.Any(char.IsWhiteSpace) || MemberNumber.Read(field) is not { } number) wrong.Add((line, $"No member number of 1 to {MemberNumber.MaxDigits} digits."));
            else if (members.Add(number) && members.Count > MembersMax) return (members, [(line, $"A list has at most {MembersMax:N0} members.")]);
        }

        return (members, wrong);
    }
}
