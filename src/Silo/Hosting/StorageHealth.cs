using CoopLine.Silo.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CoopLine.Silo.Hosting;

/// <summary>Ready means: the database answers.</summary>
internal sealed class StorageHealth(SqliteDataSource database) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var reader = database.OpenReader();
            await using var command = reader.CreateCommand();
            command.CommandText = "SELECT count(*) FROM OrleansQuery";
            await command.ExecuteScalarAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Microsoft.Data.Sqlite.SqliteException e)
        {
            return HealthCheckResult.Unhealthy("The database does not answer.", e);
        }
    }
}
