using CoopLine.Grains;
using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CoopLine.Webhook.Staff;

/// <summary>What the endpoint needs; as its metadata.</summary>
internal sealed record Needed(Permission Permission);

/// <summary>Whoever calls has a role that may do what the endpoint needs. An endpoint that says nothing is closed to all.</summary>
internal sealed class PermissionRequirement : IAuthorizationRequirement;

internal sealed class PermissionHandler : AuthorizationHandler<PermissionRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, PermissionRequirement requirement)
    {
        if (context.Resource is HttpContext { Needed: { } needed } && StaffAccount.Find(context.User)?.May(needed) == true) context.Succeed(requirement);
        return Task.CompletedTask;
    }
}

internal static class Permissions
{
    extension<T>(T endpoint)
        where T : IEndpointConventionBuilder
    {
        public T Needs(Permission permission) => endpoint.WithMetadata(new Needed(permission));
    }

    extension(HttpContext http)
    {
        /// <summary>Null where everybody may, or nobody.</summary>
        public Permission? Needed => http.GetEndpoint()?.Metadata.GetMetadata<Needed>()?.Permission;
    }

    public static ProblemHttpResult OtherStore => Problems.Refuse(
        StatusCodes.Status403Forbidden, "another-store", "Your roles are for other stores than this.");

    public static ProblemHttpResult Refusal(Permission? needed) => Problems.Refuse(
        StatusCodes.Status403Forbidden,
        "not-permitted",
        needed is { } permission
            ? $"Your roles do not include this. It needs one of: {string.Join(", ", Roles.All.Where(role => role.May(permission)).Order().Select(EnumNames.Of))}."
            : "Nobody may do this.");
}
