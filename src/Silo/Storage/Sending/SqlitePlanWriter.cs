using System.Data.Common;
using System.Globalization;
using CoopLine.Grains;
using CoopLine.Grains.Accounts;

namespace CoopLine.Silo.Storage.Sending;

/// <summary>
/// On SQLite there is one writer. The plan is worked out beside it, in a table that only its reader sees, and then written in pieces, between
/// which tills have their turn. What a piece has written counts for nothing until the plan's own row is there.
/// </summary>
internal sealed class SqlitePlanWriter(Database database) : PlanWriter
{
    public override async Task Write(string campaign, Topic topic, AudienceSql audience, int most, CancellationToken cancellation)
    {
        await using var reader = await database.OpenReader(cancellation);
        await Run(reader, "DROP TABLE IF EXISTS temp.planned; CREATE TEMP TABLE planned (seq INTEGER PRIMARY KEY, account, member, reason, block)");
        try
        {
            await Run(
                reader, $"INSERT INTO temp.planned {audience.Candidates(some: false)} {Rows}", [.. audience.Values, ("@most", most)]);
            await DeleteRest(campaign, cancellation);
            var rows = await Number(reader, "SELECT count(*) FROM temp.planned");
            for (long first = 1; first <= rows; first += database.ChunkRows) await WritePiece(first);
            await Finish(rows);
        }
        finally
        {
            await Run(reader, "DROP TABLE temp.planned"); // the connection is kept open for others
        }

        async Task WritePiece(long first)
        {
            (string, object?)[] range = [("@first", first), ("@last", first + database.ChunkRows - 1)];
            var piece = await Json(
                reader, "SELECT json_group_array(json_array(seq, account, member, reason, block)) FROM temp.planned WHERE seq BETWEEN @first AND @last", range);
            var persons = await Number(reader, "SELECT count(*) FROM temp.planned WHERE seq BETWEEN @first AND @last", range);
            await using var writer = await database.OpenWriter(cancellation);
            // Whoever was erased since the plan was worked out must not come back by it.
            var written = await Run(
                writer,
                """
                INSERT INTO send_person (campaign, seq, account, member, reason, block)
                SELECT @campaign, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4
                FROM json_each(@piece)
                WHERE EXISTS (SELECT 1 FROM line_accounts WHERE account = value ->> 1)
                    AND NOT EXISTS (SELECT 1 FROM send_plan WHERE campaign = @campaign)
                """,
                ("@campaign", campaign), ("@piece", piece));
            if (written != persons) throw Outdated();
        }

        async Task Finish(long rows)
        {
            var blocks = await Json(
                reader,
                """
                SELECT json_group_array(json_array(block, first, last, persons))
                FROM (
                    SELECT block, min(seq) AS first, max(seq) AS last, count(*) AS persons
                    FROM temp.planned
                    WHERE block IS NOT NULL
                    GROUP BY block)
                """);
            var leftOut = await LeftOut(reader, "temp.planned WHERE true", campaign, cancellation);
            await using var writer = await database.OpenWriter(cancellation);
            await using var transaction = await writer.BeginTransactionAsync(cancellation);
            if (await Number(writer, "SELECT count(*) FROM send_person WHERE campaign = @campaign", ("@campaign", campaign)) != rows)
                throw Outdated();
            await Run(
                writer,
                """
                INSERT INTO send_block (campaign, number, state, first_seq, last_seq, persons)
                SELECT @campaign, value ->> 0, 'open', value ->> 1, value ->> 2, value ->> 3 FROM json_each(@blocks)
                """,
                ("@campaign", campaign), ("@blocks", blocks));
            await Run(
                writer,
                """
                INSERT INTO send_plan (campaign, topic, open, turn, persons, blocks, left_out)
                SELECT @campaign, @topic, 0, 0, coalesce(sum(value ->> 3), 0), count(*), @leftOut FROM json_each(@blocks)
                """,
                ("@campaign", campaign), ("@topic", EnumNames.Of(topic)), ("@leftOut", leftOut), ("@blocks", blocks));
            await transaction.CommitAsync(cancellation);
        }

        Task<int> Run(DbConnection connection, string sql, params (string, object?)[] values) => PlanWriter.Run(connection, sql, cancellation, values);

        async Task<long> Number(DbConnection connection, string sql, params (string, object?)[] values)
        {
            await using var command = connection.Command(sql, values);
            return Convert.ToInt64(await command.ExecuteScalarAsync(cancellation), CultureInfo.InvariantCulture);
        }

        async Task<string> Json(DbConnection connection, string sql, params (string, object?)[] values)
        {
            await using var command = connection.Command(sql, values);
            return (string)(await command.ExecuteScalarAsync(cancellation))!;
        }

        InvalidOperationException Outdated() =>
            new($"Somebody was erased, or somebody else planned, while the plan of message {campaign} was written; it is worked out anew.");
    }

    /// <summary>What an attempt that broke off has left.</summary>
    private async Task DeleteRest(string campaign, CancellationToken cancellation)
    {
        int deleted;
        do
        {
            await using var writer = await database.OpenWriter(cancellation);
            await using var command = writer.Command(
                """
                DELETE FROM send_person
                WHERE campaign = @campaign
                    AND seq IN (SELECT seq FROM send_person WHERE campaign = @campaign ORDER BY seq LIMIT @most)
                    AND NOT EXISTS (SELECT 1 FROM send_plan WHERE campaign = @campaign)
                """,
                ("@campaign", campaign), ("@most", database.ChunkRows));
            deleted = await command.ExecuteNonQueryAsync(cancellation);
        }
        while (deleted > 0);
    }
}
