using CoopLine.ClusterTests.Fixtures;
using CoopLine.ClusterTests.Load;
using CoopLine.Tests.Fixtures;
using Npgsql;

namespace CoopLine.ClusterTests;

/// <summary>
/// A message to many goes out while processes are killed and LINE answers 409, 429, 500 or nothing: nobody gets it twice, nobody is
/// forgotten. <see cref="MailingSize"/> says to how many.
/// </summary>
public sealed class Sending_while_processes_die(ClusterDatabase database)
{
    [Fact]
    public async Task Three_processes_on_PostgreSQL()
    {
        var (random, size) = (Chance.New(out _), MailingSize.Asked);
        await using var cluster = await RunningCluster.Start(database, also: size.Settings);
        await using (var connection = new NpgsqlConnection(database.OwnerOf(cluster.Database)))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await Friends.OnPostgreSql(connection, size.Persons);
        }

        await new Mailing(cluster.Line, cluster.Silos, size, random).Go();
    }

    [Fact]
    public async Task One_process_on_SQLite()
    {
        var (random, size) = (Chance.New(out _), MailingSize.Asked);
        await using var one = await OneProcess.Start(file => Friends.OnSqlite(file, size.Persons), size.Settings);
        await new Mailing(one.Line, [one.Silo], size, random).Go();
    }
}
