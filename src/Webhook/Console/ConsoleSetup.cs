using CoopLine.Grains.Staff;
using CoopLine.Webhook.Edge;
using CoopLine.Webhook.Pages;
using CoopLine.Webhook.Staff;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Console;

/// <summary>What members of staff do in a browser.</summary>
internal static class ConsoleSetup
{
    private const int FormLimitBytes = 32 * 1024;

    /// <summary>A browser that is signed in.</summary>
    private const string SignedIn = "staff-signed-in";

    /// <summary>The same, or a program with a staff key; and the permission that the endpoint names.</summary>
    private const string Either = "staff-browser-or-key";

    extension(IServiceCollection services)
    {
        public void AddConsole()
        {
            services.AddAuthentication()
                .AddPolicyScheme(Either, null, either => either.ForwardDefaultSelector = http =>
                    http.Request.Headers.Authorization is [] ? StaffSessions.Cookie : StaffAuthentication.Policy)
                .AddCookie(StaffSessions.Cookie, cookie =>
                {
                    cookie.Cookie.Name = "coopline-staff";
                    // Lax: a link in a mail or in another program opens the page that it is to, signed in.
                    cookie.Cookie.SameSite = SameSiteMode.Lax;
                    cookie.ExpireTimeSpan = StaffSession.Longest;
                    cookie.SlidingExpiration = false;
                    cookie.LoginPath = SignInEndpoints.Page;
                    cookie.ReturnUrlParameter = "from";
                    // Without the host, which is whatever the caller says it is. After a form that came too late, the page that it was on.
                    var redirect = cookie.Events.OnRedirectToLogin;
                    cookie.Events.OnRedirectToLogin = login =>
                    {
                        login.RedirectUri = HttpMethods.IsGet(login.Request.Method) ? new Uri(login.RedirectUri).PathAndQuery : SignInEndpoints.Page;
                        return redirect(login);
                    };
                    cookie.Events.OnRedirectToAccessDenied = refused =>
                    {
                        PageHeaders.SetForOperators(refused.Response);
                        return new RazorComponentResult<ForbiddenPage> { StatusCode = StatusCodes.Status403Forbidden }.ExecuteAsync(refused.HttpContext);
                    };
                    cookie.Events.OnValidatePrincipal = session =>
                        session.HttpContext.RequestServices.GetRequiredService<StaffSessions>().Validate(session);
                });
            services.AddAuthorizationBuilder()
                .AddPolicy(SignedIn, policy => policy.AddAuthenticationSchemes(StaffSessions.Cookie).RequireAuthenticatedUser())
                .AddPolicy(Either, policy => policy.AddAuthenticationSchemes(Either).RequireAuthenticatedUser().AddRequirements(new PermissionRequirement()))
                .AddPolicy(Managing, policy => policy.AddAuthenticationSchemes(StaffSessions.Cookie).RequireAuthenticatedUser().AddRequirements(new PermissionRequirement()));
            services.Configure<AntiforgeryOptions>(forms =>
            {
                (forms.FormFieldName, forms.Cookie.Name, forms.Cookie.SecurePolicy) = (OwnForms.Field, "coopline-form", CookieSecurePolicy.SameAsRequest);
                forms.SuppressXFrameOptionsHeader = true; // the pages' policy says it
            });
            services.AddSingleton<Seals>();
            services.AddSingleton<FormReplies>();
            services.AddSingleton<Passwords>();
            services.AddSingleton<StaffSessions>();
            services.AddSingleton<Guests>();
            services.AddSingleton<AccountForm>();
            services.AddSingleton<IProblemDetailsWriter, ConsoleTrouble>();
            services.AddHostedService<FirstAccount>();
            services.AddPasskeys();
        }

        private void AddPasskeys()
        {
            services.AddIdentityCore<StaffUser>().AddUserStore<StaffUsers>();
            services.AddScoped<IPasskeyHandler<StaffUser>, PasskeyHandler<StaffUser>>();
            services.AddScoped<Passkeys>();
            services.AddOptions<IdentityPasskeyOptions>().Configure<IOptions<StaffOptions>>((passkeys, staff) =>
            {
                passkeys.ServerDomain = staff.Value.PasskeyDomain;
                // It stands for name and password both, so it has to know its owner, and its owner's name.
                passkeys.UserVerificationRequirement = "required";
                passkeys.ResidentKeyRequirement = "required";
                passkeys.ValidateOrigin = asked => ValueTask.FromResult(!asked.CrossOrigin && IsOurs(asked.Origin, asked.HttpContext.Request));
            });
        }
    }

    extension<T>(T endpoint)
        where T : IEndpointConventionBuilder
    {
        /// <summary>For operators, and for auditors.</summary>
        public T RequireOperator() => endpoint.RequireAuthorization(Either).Needs(Permission.SeeOperations);
    }

    public static void MapConsole(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/staff").WithOperatorsHeaders().ExcludeFromDescription()
            .WithMetadata(RateLimit.Pages, new RequestSizeLimitAttribute(FormLimitBytes))
            .AddEndpointFilter<OwnForms>();
        pages.MapSignIn();
        pages.MapInvitation();
        var own = pages.MapGroup("").RequireAuthorization(SignedIn);
        own.MapPost("/sign-out", SignInEndpoints.SignOut);
        own.MapMe();
        pages.MapGroup("").RequireAuthorization(Managing).MapAccounts();
    }

    /// <summary>A browser that is signed in, with the permission that the endpoint names.</summary>
    private const string Managing = "staff-signed-in-for";

    private static bool IsOurs(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var asked) && Uri.TryCreate($"{request.Scheme}://{request.Host}", UriKind.Absolute, out var here)
        && asked.GetLeftPart(UriPartial.Authority) == here.GetLeftPart(UriPartial.Authority);
}
