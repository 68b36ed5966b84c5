using System.Security.Claims;
using CoopLine.Grains;
using CoopLine.Grains.Accounts;
using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace CoopLine.Webhook.Staff;

/// <summary>Friends of whom no event has told: LINE's list of friends makes them known.</summary>
internal static class FriendEndpoints
{
    extension(IEndpointRouteBuilder staff)
    {
        public void MapFriends()
        {
            staff.MapPost("/friends/import", Start)
                .Needs(Permission.ImportRegistry)
                .WithSummary("Read LINE's list of friends, so that messages reach those, too, of whom no event has told.")
                .WithDescription("Only verified and premium accounts may. While a list is being read, this answers how far it is.");
            staff.MapGet("/friends/import", Read)
                .Needs(Permission.ImportRegistry)
                .WithSummary("How far the newest reading of LINE's list of friends has come.")
                .ProducesProblem(StatusCodes.Status404NotFound);
        }
    }

    private static async Task<Accepted<FriendListResponse>> Start(ClaimsPrincipal staff, IGrainFactory grains, CoopTime time) =>
        TypedResults.Accepted(
            "/staff/v1/friends/import",
            FriendListResponse.Of(await OnConflict.Repeat(() => grains.FriendList.Start(staff.KeyOwner)), time));

    private static async Task<Results<Ok<FriendListResponse>, ProblemHttpResult>> Read(IGrainFactory grains, Patience patience, CoopTime time) =>
        await patience.Repeat(grains.FriendList.Read) is { } list
            ? TypedResults.Ok(FriendListResponse.Of(list, time))
            : Problems.Refuse(404, "friends-never-imported", "LINE's list of friends was never read.");
}

/// <param name="Status"><c>notAllowed</c>: LINE tells it to verified and premium accounts only, and this is neither.</param>
/// <param name="By">Name of the staff key.</param>
/// <param name="Friends">Whom LINE has named so far.</param>
/// <param name="Added">Of them, those who were not known before; after a crash those of one page may be missing.</param>
public sealed record FriendListResponse(
    FriendListStatus Status, string By, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, long Friends, long Added)
{
    internal static FriendListResponse Of(FriendList list, CoopTime time) => new(
        list.Status, list.By, time.Local(list.StartedAt), time.Local(list.EndedAt), list.Friends, list.Added);
}
