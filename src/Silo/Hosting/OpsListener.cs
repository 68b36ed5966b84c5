using CoopLine.Webhook.Console;

namespace CoopLine.Silo.Hosting;

/// <summary>
/// What operators reach has an address of its own, <c>CoopLine:Ops:Url</c>, for example <c>http://127.0.0.1:5090</c>; the
/// public address does not serve it. <c>/metrics</c> in every role; <c>/ops</c> where the staff's keys are. Without the setting
/// none of it is served.
/// </summary>
internal static class OpsListener
{
    private const string Setting = "CoopLine:Ops:Url";

    private static readonly PathString[] ForOperators = ["/ops", "/metrics"];

    private static readonly PathString[] ForBoth = ["/health", "/assets"];

    /// <summary>Where staff sign in is the same everywhere; the staff's API is for the public address alone.</summary>
    private static bool IsConsole(PathString path) => path.StartsWithSegments("/staff") && !path.StartsWithSegments("/staff/v1");

    extension(WebApplicationBuilder builder)
    {
        /// <returns>The port; null when the setting is missing.</returns>
        /// <exception cref="InvalidOperationException">The setting is no address with a port.</exception>
        public int? AddOpsListener()
        {
            if (builder.Configuration[Setting] is not { Length: > 0 } url) return null;
            var port = BindingAddress.Parse(url).Port;
            if (port == 0) throw new InvalidOperationException($"{Setting} needs a port: http://127.0.0.1:5090, for example.");
            builder.WebHost.UseUrls([.. builder.Configuration[WebHostDefaults.ServerUrlsKey]!.Split(';'), url]);
            return port;
        }
    }

    extension(WebApplication app)
    {
        /// <summary>Each address serves only its own paths. The port of the connection decides, which no header can change.</summary>
        /// <param name="port">Null: there is no address for operators.</param>
        public void UseOpsListener(int? port) => app.Use((http, next) =>
        {
            var path = http.Request.Path;
            var isForOperators = http.Connection.LocalPort == port;
            if (isForOperators) http.Features.Set(OperatorsAddress.Here);
            if (ForBoth.Any(prefix => path.StartsWithSegments(prefix)) || IsConsole(path)) return next(http);
            if (ForOperators.Any(prefix => path.StartsWithSegments(prefix)) == isForOperators) return next(http);

            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }
}
