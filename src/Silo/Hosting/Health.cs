using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CoopLine.Silo.Hosting;

/// <summary>What load balancers ask. Every role answers it.</summary>
internal static class Health
{
    extension(IServiceCollection services)
    {
        public void AddHealth()
        {
            services.AddSingleton<StorageHealth>();
            services.AddHealthChecks().AddCheck<Leaving>("stays").AddCheck<StorageHealth>("storage");
        }
    }

    extension(WebApplication app)
    {
        /// <summary>
        /// <c>GET /health/live</c>: the process runs. <c>GET /health/ready</c>: 503 while the database takes no writes, and
        /// from the moment the process begins to stop. The text lists what each check found. A violated invariant is
        /// <c>Degraded</c>: it is reported, and requests are still taken.
        /// </summary>
        public void MapHealth()
        {
            app.MapHealthChecks("/health/live", new() { Predicate = _ => false });
            app.MapHealthChecks("/health/ready", new() { ResponseWriter = Write });
        }
    }

    private static Task Write(HttpContext http, HealthReport report)
    {
        http.Response.ContentType = "text/plain; charset=utf-8";
        var checks = report.Entries.Select(check => $"{check.Key}: {check.Value.Status} {check.Value.Description}".TrimEnd());
        return http.Response.WriteAsync(string.Join('\n', checks.Prepend(report.Status.ToString())) + "\n");
    }
}
