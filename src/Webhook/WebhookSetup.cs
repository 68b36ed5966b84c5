using System.Text.Json;
using System.Text.Json.Serialization;
using CoopLine.Webhook.Console;
using CoopLine.Webhook.Coupons;
using CoopLine.Webhook.Edge;
using CoopLine.Webhook.Line;
using CoopLine.Webhook.Linking;
using CoopLine.Webhook.Ops;
using CoopLine.Webhook.Pages;
using CoopLine.Webhook.Pos;
using CoopLine.Webhook.Staff;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Scalar.AspNetCore;

namespace CoopLine.Webhook;

/// <summary>Everything the outside can reach.</summary>
public static class WebhookSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>The host brings an Orleans client, the options and the time of Grains, the ledger and the campaign reader.</summary>
        public void AddWebhook(IConfiguration configuration)
        {
            services.AddLine();
            services.AddPos(configuration);
            services.AddStaff(configuration);
            services.AddMemberPages();
            services.AddLinking();
            services.AddCoupons();
            services.AddConsole();
            services.AddOps();

            services.AddProxies(configuration);
            services.AddValidation();
            services.AddSingleton<IProblemDetailsWriter, MemberTrouble>(); // the first that can write, writes
            services.AddProblemDetails(problems => problems.CustomizeProblemDetails = Problems.Complete);
            services.AddExceptionHandler<FaultHandler>();
            services.AddOptions<RateLimitOptions>()
                .Bind(configuration.GetSection("CoopLine:RateLimits")).ValidateDataAnnotations().ValidateOnStart();
            services.AddSingleton<RateLimits>();
            // A lambda: for a method group, the generator leaves the XML comments out of the document.
            services.AddOpenApi(document => ApiDocument.Configure(document));
            services.AddSingleton(new Patience(TimeProvider.System)); // silos die in real time, whatever the rules' clock

            // The fault handler turns an unreadable request into a problem that names the field.
            services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
            services.Configure<JsonOptions>(json => ReadStrictly(json.SerializerOptions));
            // ASP.NET would log addresses, and there are member numbers and session ids in them.
            services.AddLogging(logs => logs.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning));
        }
    }

    public static void MapWebhook(this WebApplication app)
    {
        app.UseProxies();
        app.UseKnownHosts();
        app.UsePageLanguage();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseKnownCharsets();
        app.UseShortWay();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseMiddleware<RateLimits>();

        app.MapLine();
        app.MapPos();
        app.MapStaff();
        app.MapConsole();
        var pages = app.MapGroup("").WithMetadata(RateLimit.Pages);
        pages.MapLinking();
        pages.MapCoupons();
        app.MapPageAssets(); // without a limit: the page that says "too crowded" needs its style sheet

        app.MapOpenApi();
        // The script comes with the package; fonts, telemetry and the assistant would call out.
        app.MapScalarApiReference(scalar => scalar.WithTitle("CoopLine")
            .DisableDefaultFonts().DisableTelemetry().DisableAgent().DisableMcp());
    }

    /// <summary>A text is not taken for a number, and a property sent twice is refused. Unknown properties are
    /// skipped, except where money is decided: those records refuse them.</summary>
    private static void ReadStrictly(JsonSerializerOptions json)
    {
        json.NumberHandling = JsonNumberHandling.Strict;
        json.AllowDuplicateProperties = false;
        json.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
    }
}
