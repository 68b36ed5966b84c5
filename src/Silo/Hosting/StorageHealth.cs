using System.Data.Common;
using CoopLine.Silo.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CoopLine.Silo.Hosting;

/// <summary>Ready means: the database answers.</summary>
internal sealed class StorageHealth(Database database) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var connection = await database.OpenReader(cancellationToken);
            await using var command = connection.Command("SELECT count(*) FROM OrleansQuery");
            await command.ExecuteScalarAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (DbException e)
        {
            return HealthCheckResult.Unhealthy("The database does not answer.", e);
        }
    }
}
