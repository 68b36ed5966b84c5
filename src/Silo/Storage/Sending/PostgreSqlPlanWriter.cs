using CoopLine.Grains;
using CoopLine.Grains.Accounts;

namespace CoopLine.Silo.Storage.Sending;

/// <summary>On PostgreSQL nobody waits for another's rows: the plan is one transaction, and the database does it alone.</summary>
internal sealed class PostgreSqlPlanWriter(Database database) : PlanWriter
{
    public override async Task Write(string campaign, Topic topic, AudienceSql audience, int most, CancellationToken cancellation)
    {
        await using var connection = await database.OpenWriter(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await database.LookAtAll(connection, cancellation);
        // First, so that whoever does the same at the same time waits here and then finds it.
        if (await Run(
            "INSERT INTO send_plan (campaign, topic, open, turn, persons, blocks, left_out) VALUES (@campaign, @topic, 0, 0, 0, 0, '{}') ON CONFLICT DO NOTHING",
            ("@campaign", campaign), ("@topic", EnumNames.Of(topic))) == 0) return;

        await Run(
            $"""
            INSERT INTO send_person (campaign, seq, account, member, reason, block)
            {audience.Candidates(some: false)}
            SELECT @campaign, seq, account, member, reason, block FROM ({Rows}) AS planned
            """,
            [.. audience.Values, ("@most", most)]);
        await Run(
            """
            INSERT INTO send_block (campaign, number, state, first_seq, last_seq, persons)
            SELECT campaign, block, 'open', min(seq), max(seq), count(*)
            FROM send_person
            WHERE campaign = @campaign AND block IS NOT NULL
            GROUP BY campaign, block
            """,
            ("@campaign", campaign));
        await Run(
            """
            UPDATE send_plan
            SET persons = (SELECT coalesce(sum(persons), 0) FROM send_block WHERE campaign = @campaign),
                blocks = (SELECT count(*) FROM send_block WHERE campaign = @campaign),
                left_out = @leftOut
            WHERE campaign = @campaign
            """,
            ("@campaign", campaign), ("@leftOut", await LeftOut(connection, "send_person WHERE campaign = @campaign", campaign, cancellation)));
        await transaction.CommitAsync(cancellation);

        Task<int> Run(string sql, params (string, object?)[] values) => PlanWriter.Run(connection, sql, cancellation, values);
    }
}
