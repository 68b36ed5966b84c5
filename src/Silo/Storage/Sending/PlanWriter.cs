using System.Data.Common;
using System.Text.Json;
using CoopLine.Grains;
using CoopLine.Grains.Accounts;
using CoopLine.Grains.Messages;

namespace CoopLine.Silo.Storage.Sending;

/// <summary>Writes down who is in which block of a message. There is a plan as soon as it has its row in <c>send_plan</c>.</summary>
internal abstract class PlanWriter
{
    /// <summary>
    /// SQL, behind <see cref="AudienceSql.Candidates"/>: the rows of a plan with at most <c>@most</c> persons in a block. Who gets it comes first, and
    /// whoever reads the same stands together, since a block has one wording.
    /// </summary>
    protected const string Rows = """
        SELECT seq, account, member, reason,
            CASE WHEN reason IS NULL THEN sum(CASE WHEN (place - 1) % @most = 0 THEN 1 ELSE 0 END) OVER (ORDER BY seq ROWS UNBOUNDED PRECEDING) END AS block
        FROM (
            SELECT account, member, reason,
                row_number() OVER (ORDER BY passed, wording, store, saved, account) AS seq,
                row_number() OVER (PARTITION BY passed, wording, store, saved ORDER BY account) AS place
            FROM (
                SELECT account, member, reason, store, saved,
                    CASE WHEN reason IS NULL THEN 0 ELSE 1 END AS passed,
                    CASE WHEN member IS NULL THEN 1 ELSE 0 END AS wording
                FROM candidate
                WHERE meant = 1) AS meant) AS numbered
        """;

    /// <summary>All of it, or nothing that counts. A plan that is there stays as it is. Its gate is shut.</summary>
    /// <param name="most">Persons in a block.</param>
    public abstract Task Write(string campaign, Topic topic, AudienceSql audience, int most, CancellationToken cancellation);

    /// <summary>How many persons of these rows get nothing, by reason.</summary>
    /// <param name="from">SQL: table and condition.</param>
    public static async Task<Dictionary<SkipReason, long>> Reasons(
        DbConnection connection, string from, string campaign, CancellationToken cancellation)
    {
        await using var command = connection.Command(
            $"SELECT reason, count(*) FROM {from} AND reason IS NOT NULL GROUP BY reason", ("@campaign", campaign));
        command.CommandTimeout = Database.PatienceSeconds;
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var reasons = new Dictionary<SkipReason, long>();
        while (await row.ReadAsync(cancellation)) reasons[EnumNames.Read<SkipReason>(row.GetString(0))] = row.GetInt64(1);
        return reasons;
    }

    /// <summary>Those who are in no block, as <c>send_plan</c> has them.</summary>
    protected static async Task<string> LeftOut(DbConnection connection, string from, string campaign, CancellationToken cancellation) =>
        JsonSerializer.Serialize(
            (await Reasons(connection, from + " AND block IS NULL", campaign, cancellation)).ToDictionary(one => EnumNames.Of(one.Key), one => one.Value));

    protected static async Task<int> Run(
        DbConnection connection, string sql, CancellationToken cancellation, params (string, object?)[] values)
    {
        await using var command = connection.Command(sql, values);
        command.CommandTimeout = Database.PatienceSeconds;
        return await command.ExecuteNonQueryAsync(cancellation);
    }
}
