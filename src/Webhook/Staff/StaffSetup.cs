using CoopLine.Grains.Messages;
using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CoopLine.Webhook.Staff;

/// <summary>What counter and head office call.</summary>
internal static class StaffSetup
{
    extension(IServiceCollection services)
    {
        public void AddStaff(IConfiguration configuration)
        {
            services.AddApiKeys(
                StaffAuthentication.Policy,
                configuration.GetSection("CoopLine:Staff:ApiKeys"),
                StaffAuthentication.ObjectionTo,
                StaffAuthentication.ShortestKey,
                new PermissionRequirement());
            services.Configure<ApiKeyOptions>(StaffAuthentication.Policy, keys => keys.Refusal = http => Permissions.Refusal(http.Needed));
            services.AddSingleton<StaffAccounts>();
            services.AddSingleton<IClaimsTransformation, StaffClaims>();
            services.AddSingleton<IAuthorizationHandler, PermissionHandler>();
            services.AddOptions<StaffOptions>().Bind(configuration.GetSection("CoopLine:Staff")).ValidateDataAnnotations().ValidateOnStart();
            services.AddSingleton<GivenBaskets>();
            services.AddSingleton<RehearsalTurn>();
            services.AddSingleton<Acting>();
            services.TryAddSingleton<MonthlyUse>();
            services.AddSingleton<MessageDrafts>();
            services.AddSingleton<MessageTests>();
        }
    }

    public static void MapStaff(this IEndpointRouteBuilder routes)
    {
        var staff = routes.MapGroup("/staff/v1")
            .WithTags("Staff")
            .RequireAuthorization(StaffAuthentication.Policy)
            .WithMetadata(RateLimit.Staff)
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        _ = routes.ServiceProvider.GetRequiredService<StaffAccounts>(); // a role that does not exist stops the start
        staff.MapMembers();
        staff.MapCampaigns();
        staff.MapMessages();
        staff.MapAutomaticMessages();
        staff.MapFriends();
        staff.MapRestore();
        staff.MapLedger();
        staff.MapRegistry();
    }
}
