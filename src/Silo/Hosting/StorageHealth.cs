using System.Data.Common;
using System.Diagnostics;
using CoopLine.Silo.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CoopLine.Silo.Hosting;

/// <summary>
/// Ready means: the database takes a write. One that only answers (its disk is full, somebody has locked it, it was made
/// read-only) saves no coupon.
/// </summary>
/// <remarks>Anybody may ask, and as often as he likes: one look at a time, and each is good for a second.</remarks>
internal sealed class StorageHealth(Database database) : IHealthCheck
{
    private static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(1);

    /// <summary>A load balancer does not wait long for an answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly Lock turn = new();
    private Task<HealthCheckResult>? look;
    private long ended;

    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            return await Newest().WaitAsync(Patience, cancellationToken);
        }
        catch (TimeoutException)
        {
            return HealthCheckResult.Unhealthy("The database lets nobody write.");
        }
    }

    private Task<HealthCheckResult> Newest()
    {
        lock (turn)
        {
            var isOld = look is { IsCompleted: true } && Stopwatch.GetElapsedTime(Volatile.Read(ref ended)) > GoodFor;
            // In another thread, because SQLite waits for a lock without giving its thread back.
            if (look is null || isOld) look = Task.Run(Look);
            return look;
        }
    }

    private async Task<HealthCheckResult> Look()
    {
        try
        {
            await using var connection = await database.OpenWriter(CancellationToken.None);
            await using var command = connection.Command(database.TryWriting);
            command.CommandTimeout = Patience.Seconds;
            await command.ExecuteNonQueryAsync();
            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is DbException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy("The database takes no writes.", e);
        }
        finally
        {
            Volatile.Write(ref ended, Stopwatch.GetTimestamp());
        }
    }
}
