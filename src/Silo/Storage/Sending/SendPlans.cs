using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using CoopLine.Grains;
using CoopLine.Grains.Messages;
using Microsoft.Extensions.Options;

namespace CoopLine.Silo.Storage.Sending;

internal sealed class SendPlans(Database database, Audiences audiences, PlanWriter writer, IOptions<MessageOptions> options, TimeProvider clock) : ISendPlans
{
    public async Task<Reach> Preview(string campaign, MessageDefinition definition, CancellationToken cancellation)
    {
        var audience = await audiences.Of(campaign, definition);
        await using var connection = await database.OpenReader(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await database.LookAtAll(connection, cancellation);
        await using var command = connection.Command(
            $"""
            {audience.Candidates(some: false)}
            SELECT member IS NOT NULL, reason, count(*) FROM candidate WHERE meant = 1 GROUP BY member IS NOT NULL, reason
            """,
            audience.Values);
        command.CommandTimeout = Database.PatienceSeconds;
        long linked = 0, unlinked = 0;
        var leftOut = new Dictionary<SkipReason, long>();
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            var persons = row.GetInt64(2);
            if (!row.IsDBNull(1)) Add(leftOut, row.GetString(1), persons);
            else if (row.GetBoolean(0)) linked = persons;
            else unlinked = persons;
        }

        return new(linked, unlinked, leftOut.ToImmutableSortedDictionary());
    }

    public async Task Write(string campaign, MessageDefinition definition, CancellationToken cancellation)
    {
        if (await Progress(campaign, cancellation) is not null) return;

        await writer.Write(campaign, definition.Topic, await audiences.Of(campaign, definition), options.Value.BlockPersons, cancellation);
    }

    public async Task SetGate(string campaign, bool open, int turn, CancellationToken cancellation)
    {
        await using var connection = await database.OpenWriter(cancellation);
        await using var command = connection.Command(
            """
            UPDATE send_plan
            SET open = @open, turn = @turn, opened_at = CASE WHEN open = 0 AND @open = 1 THEN @now ELSE opened_at END
            WHERE campaign = @campaign AND turn < @turn
            """,
            ("@campaign", campaign), ("@open", open ? 1 : 0), ("@turn", turn), ("@now", clock.GetUtcNow().ToUnixTimeMilliseconds()));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task<SendProgress?> Progress(string campaign, CancellationToken cancellation)
    {
        await using var connection = await database.OpenReader(cancellation);
        return await Progress(connection, campaign, cancellation);
    }

    public async Task<SendCounts?> Count(string campaign, CancellationToken cancellation)
    {
        await using var connection = await database.OpenReader(cancellation);
        // One moment for all numbers, or they would not add up while blocks are closed.
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellation);
        if (await Progress(connection, campaign, cancellation) is not { } progress) return null;
        var skipped = await PlanWriter.Reasons(
            connection, "send_person WHERE campaign = @campaign AND block IS NOT NULL", campaign, cancellation);
        if (progress.Stopped > 0) skipped[SkipReason.Stopped] = skipped.GetValueOrDefault(SkipReason.Stopped) + progress.Stopped;
        await using var command = connection.Command("SELECT left_out FROM send_plan WHERE campaign = @campaign", ("@campaign", campaign));
        var leftOut = JsonSerializer.Deserialize<Dictionary<string, long>>((string)(await command.ExecuteScalarAsync(cancellation))!)!;
        return new(
            progress,
            skipped.ToImmutableSortedDictionary(),
            leftOut.ToImmutableSortedDictionary(one => EnumNames.Read<SkipReason>(one.Key), one => one.Value));
    }

    public async Task<ImmutableArray<SendPerson>> Persons(
        string campaign, PersonState? state, long after, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenReader(cancellation);
        await using var command = connection.Command(
            """
            SELECT seq, member, reason, state
            FROM (
                SELECT person.seq, person.member, CASE WHEN block.state = 'stopped' THEN 'stopped' ELSE person.reason END AS reason,
                    CASE
                        WHEN person.block IS NULL THEN 'leftOut'
                        WHEN person.reason IS NOT NULL OR block.state = 'stopped' THEN 'skipped'
                        WHEN block.state = 'open' THEN 'planned'
                        WHEN block.state = 'inFlight' THEN 'inBlock'
                        ELSE block.state
                    END AS state
                FROM send_plan AS plan
                JOIN send_person AS person ON person.campaign = plan.campaign
                LEFT JOIN send_block AS block ON block.campaign = person.campaign AND block.number = person.block
                WHERE plan.campaign = @campaign AND person.campaign = @campaign AND person.seq > @after) AS persons
            WHERE @state = '' OR state = @state
            ORDER BY seq
            LIMIT @limit
            """,
            ("@campaign", campaign), ("@after", after), ("@limit", limit), ("@state", state is { } one ? EnumNames.Of(one) : ""));
        command.CommandTimeout = Database.PatienceSeconds;
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var persons = ImmutableArray.CreateBuilder<SendPerson>();
        while (await row.ReadAsync(cancellation))
        {
            persons.Add(new(
                row.GetInt64(0), row.IsDBNull(1) ? null : row.GetString(1), EnumNames.Read<PersonState>(row.GetString(3)),
                row.IsDBNull(2) ? null : EnumNames.Read<SkipReason>(row.GetString(2))));
        }

        return persons.ToImmutable();
    }

    private static async Task<SendProgress?> Progress(DbConnection connection, string campaign, CancellationToken cancellation)
    {
        await using var command = connection.Command(
            """
            SELECT plan.persons, plan.blocks, block.state, count(block.number), coalesce(sum(block.persons), 0), coalesce(sum(block.sen), 0)
            FROM send_plan AS plan
            LEFT JOIN send_block AS block ON block.campaign = plan.campaign
            WHERE plan.campaign = @campaign
            GROUP BY plan.persons, plan.blocks, block.state
            """,
            ("@campaign", campaign));
        await using var row = await command.ExecuteReaderAsync(cancellation);
        (long Persons, int Blocks)? plan = null;
        var blocks = new Dictionary<BlockState, (int Blocks, long Persons)>();
        long sen = 0;
        while (await row.ReadAsync(cancellation))
        {
            plan = (row.GetInt64(0), row.GetInt32(1));
            if (row.IsDBNull(2)) continue;
            blocks[EnumNames.Read<BlockState>(row.GetString(2))] = (row.GetInt32(3), Number(row, 4));
            sen += Number(row, 5);
        }

        if (plan is not { } found) return null;
        (int Blocks, long Persons) In(BlockState state) => blocks.GetValueOrDefault(state);
        return new(
            found.Persons, found.Blocks, In(BlockState.Open).Blocks, In(BlockState.InFlight).Blocks,
            blocks.Where(one => one.Key is not (BlockState.Open or BlockState.InFlight)).Sum(one => one.Value.Blocks),
            In(BlockState.Open).Persons, In(BlockState.InFlight).Persons, In(BlockState.Accepted).Persons, In(BlockState.Refused).Persons,
            In(BlockState.Parked).Persons, In(BlockState.Stopped).Persons, sen);
    }

    private static void Add(Dictionary<SkipReason, long> reasons, string reason, long persons)
    {
        var key = EnumNames.Read<SkipReason>(reason);
        reasons[key] = reasons.GetValueOrDefault(key) + persons;
    }

    /// <summary>PostgreSQL's sums of 64-bit numbers are wider.</summary>
    private static long Number(DbDataReader row, int column) => Convert.ToInt64(row.GetValue(column), CultureInfo.InvariantCulture);
}
