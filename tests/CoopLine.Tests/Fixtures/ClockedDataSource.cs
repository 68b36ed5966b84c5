using System.Data;
using System.Data.Common;
using CoopLine.Silo.Storage;
using Npgsql;

namespace CoopLine.Tests.Fixtures;

/// <summary>Tells each connection what time it is for the test, where the service would trust the server's clock.</summary>
internal sealed class ClockedDataSource(NpgsqlDataSource server, TimeProvider clock) : DbDataSource
{
    public override string ConnectionString => server.ConnectionString;

    protected override DbConnection CreateDbConnection()
    {
        var connection = server.CreateConnection();
        connection.StateChange += Tell;
        return connection;
    }

    private void Tell(object sender, StateChangeEventArgs change)
    {
        if (change.CurrentState != ConnectionState.Open) return;
        using var tell = ((NpgsqlConnection)sender).Command(
            "SELECT set_config('coopline.now', @now, false)", ("@now", clock.GetUtcNow().ToString("O")));
        tell.ExecuteScalar();
    }
}
