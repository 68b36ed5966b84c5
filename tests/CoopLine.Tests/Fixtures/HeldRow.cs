using System.Data.Common;
using CoopLine.Silo.Storage;

namespace CoopLine.Tests.Fixtures;

/// <summary>A row that somebody holds on PostgreSQL: who wants to change it waits until it is let go.</summary>
internal sealed class HeldRow(DbConnection connection, DbTransaction holding) : IAsyncDisposable
{
    /// <param name="where">SQL: the table and which row of it.</param>
    public static async Task<HeldRow> Take(Database database, string where, params (string Name, object? Value)[] values)
    {
        var connection = await database.OpenWriter(default);
        var holding = await connection.BeginTransactionAsync();
        await using var command = connection.Command($"SELECT 1 FROM {where} FOR UPDATE", values);
        Assert.NotNull(await command.ExecuteScalarAsync());
        return new(connection, holding);
    }

    public async ValueTask DisposeAsync()
    {
        await holding.DisposeAsync();
        await connection.DisposeAsync();
    }
}
