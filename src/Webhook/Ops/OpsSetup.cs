using CoopLine.Webhook.Edge;
using CoopLine.Webhook.Pages;
using CoopLine.Webhook.Staff;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Ops;

/// <summary>The pages of operators and counter staff. Reached with a staff key, or with the cookie that one was exchanged for.</summary>
public static class OpsSetup
{
    private const string Policy = "ops";

    internal const string Cookie = "ops-cookie";

    private static readonly TimeSpan LoginLasts = TimeSpan.FromHours(10);

    extension(IServiceCollection services)
    {
        internal void AddOps()
        {
            services.AddOptions<OpsOptions>().BindConfiguration("CoopLine:Ops").ValidateDataAnnotations().ValidateOnStart();
            services.AddAuthentication()
                .AddPolicyScheme(Policy, null, either => either.ForwardDefaultSelector = http =>
                    http.Request.Headers.Authorization is [] ? Cookie : StaffAuthentication.Policy)
                .AddCookie(Cookie, cookie =>
            {
                cookie.Cookie.Name = "coopline-ops";
                cookie.Cookie.SameSite = SameSiteMode.Strict;
                cookie.ExpireTimeSpan = LoginLasts;
                cookie.SlidingExpiration = false;
                cookie.LoginPath = "/ops/login";
                cookie.ReturnUrlParameter = "from";
                // Without the host, which is whatever the caller says it is.
                var redirect = cookie.Events.OnRedirectToLogin;
                cookie.Events.OnRedirectToLogin = login =>
                {
                    login.RedirectUri = new Uri(login.RedirectUri).PathAndQuery;
                    return redirect(login);
                };
                cookie.Events.OnRedirectToAccessDenied = refused =>
                    new RazorComponentResult<OpsForbiddenPage> { StatusCode = StatusCodes.Status403Forbidden }.ExecuteAsync(refused.HttpContext);
                // A key that was taken out opens nothing any more, whatever cookie it was exchanged for.
                cookie.Events.OnValidatePrincipal = session =>
                {
                    var keys = session.HttpContext.RequestServices.GetRequiredService<IOptionsMonitor<ApiKeyOptions>>();
                    if (!keys.Get(StaffAuthentication.Policy).Keys.Knows(session.Principal!.KeyOwner)) session.RejectPrincipal();
                    return Task.CompletedTask;
                };
            });
            services.AddAuthorizationBuilder().AddPolicy(Policy, policy => policy
                .AddAuthenticationSchemes(Policy).RequireAuthenticatedUser().AddRequirements(new PermissionRequirement()));
            services.AddSingleton<Vitals>();
            services.AddHostedService(provider => provider.GetRequiredService<Vitals>());
            services.AddSingleton<Troubles>();
            services.AddSingleton<RecentErrors>();
            services.AddSingleton<ILoggerProvider>(provider => provider.GetRequiredService<RecentErrors>());
            services.AddSingleton<Search>();
        }
    }

    extension<T>(T endpoint)
        where T : IEndpointConventionBuilder
    {
        /// <summary>For operators, and for auditors.</summary>
        public T RequireOperator() => endpoint.RequireAuthorization(Policy).Needs(Permission.SeeOperations);
    }

    public static void MapOps(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/ops").WithOperatorsHeaders().ExcludeFromDescription();
        pages.MapLogin();
        pages.MapGroup("").RequireOperator().MapPages();
    }
}
