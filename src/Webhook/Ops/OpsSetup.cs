using CoopLine.Webhook.Console;
using CoopLine.Webhook.Edge;
using CoopLine.Webhook.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CoopLine.Webhook.Ops;

/// <summary>The pages of operators, for whoever is signed in and may see them, and for programs with a staff key.</summary>
public static class OpsSetup
{
    extension(IServiceCollection services)
    {
        internal void AddOps()
        {
            services.AddOptions<OpsOptions>().BindConfiguration("CoopLine:Ops").ValidateDataAnnotations().ValidateOnStart();
            services.AddSingleton<Vitals>();
            services.AddHostedService(provider => provider.GetRequiredService<Vitals>());
            services.AddSingleton<Troubles>();
            services.AddSingleton<RecentErrors>();
            services.AddSingleton<ILoggerProvider>(provider => provider.GetRequiredService<RecentErrors>());
            services.AddSingleton<Search>();
        }
    }

    public static void MapOps(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/ops").WithOperatorsHeaders().ExcludeFromDescription();
        // Where signing in was: it may be among somebody's bookmarks.
        pages.MapGet("/login", (string? from, HttpResponse response) =>
            response.SeeOther(QueryHelpers.AddQueryString(SignInEndpoints.Page, "from", from ?? "/ops")));
        pages.MapGroup("").RequireOperator().MapPages();
    }

    /// <summary>What belongs to these pages and is mapped elsewhere.</summary>
    public static T ForOperators<T>(this T endpoint)
        where T : IEndpointConventionBuilder =>
        endpoint.RequireOperator();
}
