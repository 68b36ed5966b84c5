using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CoopLine.Webhook.Pos;

/// <summary>What tills call.</summary>
internal static class PosSetup
{
    private const int BodyLimitBytes = 1024 * 1024;

    extension(IServiceCollection services)
    {
        public void AddPos(IConfiguration configuration)
        {
            services.AddApiKeys(
                TillAuthentication.Policy, configuration.GetSection("CoopLine:Pos:Keys"), TillAuthentication.ObjectionTo);
            services.AddSingleton<TillResponses>();
            services.AddSingleton<UnknownCodes>();
            services.AddSingleton<RedemptionCounter>();
            services.AddSingleton<ShortWay>();
        }
    }

    public static void MapPos(this IEndpointRouteBuilder routes)
    {
        var till = routes.MapGroup("/pos/v1")
            .WithTags("POS")
            .RequireAuthorization(TillAuthentication.Policy)
            .WithMetadata(RateLimit.Till, new RequestSizeLimitAttribute(BodyLimitBytes))
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        till.MapRedemptions();
        till.MapReceipts();
    }
}
