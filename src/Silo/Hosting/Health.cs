namespace CoopLine.Silo.Hosting;

/// <summary>What load balancers ask. Every role answers it.</summary>
internal static class Health
{
    extension(IServiceCollection services)
    {
        public void AddHealth() => services.AddHealthChecks()
            .AddCheck<Leaving>("stays")
            .AddCheck<StorageHealth>("storage");
    }

    extension(WebApplication app)
    {
        /// <summary>
        /// <c>GET /health/live</c>: the process runs. <c>GET /health/ready</c>: 503 while the database does not answer, and
        /// from the moment on when the process is to end.
        /// </summary>
        public void MapHealth()
        {
            app.MapHealthChecks("/health/live", new() { Predicate = _ => false });
            app.MapHealthChecks("/health/ready");
        }
    }
}
