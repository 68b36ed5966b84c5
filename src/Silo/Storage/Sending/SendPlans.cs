using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CoopLine.Grains.Messages;
using Microsoft.Extensions.Options;

namespace CoopLine.Silo.Storage.Sending;

internal sealed class SendPlans(Database database, IOptions<MessageOptions> options, TimeProvider clock) : ISendPlans
{
    private const string Rows = "campaign = @campaign AND seq BETWEEN @first AND @last AND block = @number AND reason IS NULL";

    public async Task<Reach> Preview(string campaign, MessageDefinition definition, CancellationToken cancellation)
    {
        var audience = Audience(campaign, definition);
        await using var connection = await database.OpenReader(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await database.LookAtAll(connection, cancellation);
        await using var command = connection.Command(
            $"""
            {audience.Candidates(rows: null)}
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

    public async Task Write(string campaign, Guid plan, MessageDefinition definition, CancellationToken cancellation)
    {
        if (await Progress(campaign, cancellation) is not null) return;

        var audience = Audience(campaign, definition);
        await using var connection = await database.OpenWriter(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await database.LookAtAll(connection, cancellation);
        await using var begin = connection.Command(
            """
            INSERT INTO send_plan (campaign, topic, open, turn, persons, blocks, left_out)
            VALUES (@campaign, @topic, 0, 0, 0, 0, '{}')
            ON CONFLICT DO NOTHING
            """,
            ("@campaign", campaign), ("@topic", Words.Of(definition.Topic)));
        if (await begin.ExecuteNonQueryAsync(cancellation) == 0) return;

        // Who gets it comes first, members before others, so that nearly every block has one wording.
        await using var persons = connection.Command(
            $"""
            INSERT INTO send_person (campaign, seq, account, member, reason, block)
            {audience.Candidates(rows: null)}
            SELECT @campaign, seq, account, member, reason, CASE WHEN reason IS NULL THEN (seq - 1) / @most + 1 END
            FROM (
                SELECT account, member, reason,
                    row_number() OVER (ORDER BY CASE WHEN reason IS NULL THEN 0 ELSE 1 END, CASE WHEN member IS NULL THEN 1 ELSE 0 END, account) AS seq
                FROM candidate
                WHERE meant = 1) AS numbered
            """,
            [.. audience.Values, ("@most", options.Value.BlockPersons)]);
        persons.CommandTimeout = Database.PatienceSeconds;
        await persons.ExecuteNonQueryAsync(cancellation);
        await using var blocks = connection.Command(
            """
            INSERT INTO send_block (campaign, number, state, first_seq, last_seq, persons)
            SELECT campaign, block, 'open', min(seq), max(seq), count(*)
            FROM send_person
            WHERE campaign = @campaign AND block IS NOT NULL
            GROUP BY campaign, block
            """,
            ("@campaign", campaign));
        blocks.CommandTimeout = Database.PatienceSeconds;
        await blocks.ExecuteNonQueryAsync(cancellation);
        var leftOut = await Reasons(connection, campaign, "block IS NULL", cancellation);
        await using var end = connection.Command(
            """
            UPDATE send_plan
            SET persons = (SELECT coalesce(sum(persons), 0) FROM send_block WHERE campaign = @campaign),
                blocks = (SELECT count(*) FROM send_block WHERE campaign = @campaign),
                left_out = @leftOut
            WHERE campaign = @campaign
            """,
            ("@campaign", campaign),
            ("@leftOut", JsonSerializer.Serialize(leftOut.ToDictionary(one => Words.Of(one.Key), one => one.Value))));
        await end.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    public async Task SetGate(string campaign, bool open, int turn, CancellationToken cancellation)
    {
        await using var connection = await database.OpenWriter(cancellation);
        await using var command = connection.Command(
            "UPDATE send_plan SET open = @open, turn = @turn WHERE campaign = @campaign AND turn < @turn",
            ("@campaign", campaign), ("@open", open ? 1 : 0), ("@turn", turn));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task<ImmutableArray<SendBlock>> Next(string campaign, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenReader(cancellation);
        var found = ImmutableArray.CreateBuilder<SendBlock>();
        foreach (var state in new[] { BlockState.InFlight, BlockState.Open })
        {
            await using var command = connection.Command(
                $"""
                SELECT number, persons, first_sent_at
                FROM send_block
                WHERE campaign = @campaign AND state = '{Words.Of(state)}' AND state IN ('open', 'inFlight')
                ORDER BY number
                LIMIT @limit
                """,
                ("@campaign", campaign), ("@limit", limit));
            await using var row = await command.ExecuteReaderAsync(cancellation);
            while (await row.ReadAsync(cancellation))
                found.Add(new(row.GetInt32(0), state, row.GetInt32(1), row.IsDBNull(2) ? null : Time(row.GetInt64(2))));
        }

        return found.ToImmutable();
    }

    public async Task<ImmutableArray<FrozenBlock>?> Close(int block, Closing close, CancellationToken cancellation)
    {
        await using var connection = await database.OpenWriter(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var gate = connection.Command(
            $"SELECT open FROM send_plan WHERE campaign = @campaign {database.Share}", ("@campaign", close.Campaign));
        if (Convert.ToInt32(await gate.ExecuteScalarAsync(cancellation), CultureInfo.InvariantCulture) == 0) return null;
        if (await Take(connection, block, close, BlockState.Open, BlockState.InFlight, cancellation) is not { } range) return null;

        var persons = await LastFilter(connection, block, range, close, cancellation);
        foreach (var skipped in persons.Where(person => person.Reason is not null).GroupBy(person => person.Reason!.Value))
            await Skip(connection, close.Campaign, skipped.Key, skipped.Select(person => person.Account), cancellation);
        foreach (var changed in persons.Where(person => person.Reason is null && person.Member != person.PlannedMember))
            await Rename(connection, close.Campaign, changed, cancellation);

        var frozen = ImmutableArray.CreateBuilder<FrozenBlock>();
        foreach (var (linked, accounts) in persons.Where(person => person.Reason is null)
            .GroupBy(person => person.Member is not null, person => person.Account).Select(group => (group.Key, group.ToArray())))
        {
            var content = (linked ? close.Definition.Linked : close.Definition.Unlinked)!;
            var number = frozen.Count == 0 ? block : await Add(connection, close.Campaign, range, accounts, cancellation);
            frozen.Add(await Freeze(connection, number, close, content, accounts, cancellation));
        }

        if (frozen.Count == 0) await Empty(connection, close, block, cancellation);
        await transaction.CommitAsync(cancellation);
        return frozen.ToImmutable();
    }

    public async Task<FrozenBlock?> Frozen(string campaign, int block, CancellationToken cancellation)
    {
        await using var connection = await database.OpenReader(cancellation);
        await using var command = connection.Command(
            "SELECT retry_key, body, persons, first_sent_at FROM send_block WHERE campaign = @campaign AND number = @number AND state = 'inFlight'",
            ("@campaign", campaign), ("@number", block));
        await using var row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation)
            ? new(block, Guid.Parse(row.GetString(0)), row.GetFieldValue<byte[]>(1), row.GetInt32(2), Time(row.GetInt64(3)))
            : null;
    }

    public async Task Settle(string campaign, int block, BlockState became, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var connection = await database.OpenWriter(cancellation);
        await using var command = connection.Command(
            """
            UPDATE send_block SET state = @state, ended_at = @now, body = NULL
            WHERE campaign = @campaign AND number = @number AND state = 'inFlight'
            """,
            ("@campaign", campaign), ("@number", block), ("@state", Words.Of(became)), ("@now", now.ToUnixTimeMilliseconds()));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task Split(int block, Closing close, CancellationToken cancellation)
    {
        await using var connection = await database.OpenWriter(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var read = connection.Command(
            "SELECT body FROM send_block WHERE campaign = @campaign AND number = @number AND state = 'inFlight'",
            ("@campaign", close.Campaign), ("@number", block));
        if (await read.ExecuteScalarAsync(cancellation) is not byte[] body) return;
        if (await Take(connection, block, close, BlockState.InFlight, BlockState.Split, cancellation) is not { } range) return;

        var accounts = MessageBodies.AccountsOf(body);
        foreach (var half in new[] { accounts[..(accounts.Length / 2)], accounts[(accounts.Length / 2)..] })
        {
            var number = await Add(connection, close.Campaign, range, half, cancellation);
            await Freeze(connection, number, close, MessageBodies.With(half, body), half.Length, cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }

    public async Task Abandon(string campaign, CancellationToken cancellation)
    {
        await using var connection = await database.OpenWriter(cancellation);
        await using var command = connection.Command(
            "UPDATE send_block SET state = 'stopped', ended_at = @now WHERE campaign = @campaign AND state = 'open'",
            ("@campaign", campaign), ("@now", clock.GetUtcNow().ToUnixTimeMilliseconds()));
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
        var skipped = await Reasons(connection, campaign, "block IS NOT NULL", cancellation);
        if (progress.Stopped > 0) skipped[SkipReason.Stopped] = skipped.GetValueOrDefault(SkipReason.Stopped) + progress.Stopped;
        await using var command = connection.Command("SELECT left_out FROM send_plan WHERE campaign = @campaign", ("@campaign", campaign));
        var leftOut = JsonSerializer.Deserialize<Dictionary<string, long>>((string)(await command.ExecuteScalarAsync(cancellation))!)!;
        return new(
            progress,
            skipped.ToImmutableSortedDictionary(),
            leftOut.ToImmutableSortedDictionary(one => Words.Read<SkipReason>(one.Key), one => one.Value));
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
                FROM send_person AS person
                LEFT JOIN send_block AS block ON block.campaign = person.campaign AND block.number = person.block
                WHERE person.campaign = @campaign AND person.seq > @after) AS persons
            WHERE @state = '' OR state = @state
            ORDER BY seq
            LIMIT @limit
            """,
            ("@campaign", campaign), ("@after", after), ("@limit", limit), ("@state", state is { } one ? Words.Of(one) : ""));
        command.CommandTimeout = Database.PatienceSeconds;
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var persons = ImmutableArray.CreateBuilder<SendPerson>();
        while (await row.ReadAsync(cancellation))
        {
            persons.Add(new(
                row.GetInt64(0), row.IsDBNull(1) ? null : row.GetString(1), Words.Read<PersonState>(row.GetString(3)),
                row.IsDBNull(2) ? null : Words.Read<SkipReason>(row.GetString(2))));
        }

        return persons.ToImmutable();
    }

    public async Task<long> SentSince(DateTimeOffset since, CancellationToken cancellation)
    {
        await using var connection = await database.OpenReader(cancellation);
        await using var command = connection.Command(
            "SELECT coalesce(sum(persons), 0) FROM send_block WHERE first_sent_at >= @since AND state IN ('inFlight', 'accepted', 'parked')",
            ("@since", since.ToUnixTimeMilliseconds()));
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellation), CultureInfo.InvariantCulture);
    }

    private AudienceSql Audience(string campaign, MessageDefinition definition) => new(
        database, campaign, definition, options.Value.CapMessages, clock.GetUtcNow() - TimeSpan.FromDays(options.Value.CapDays));

    /// <returns>The rows among which its persons are; null when it is not in this state any more.</returns>
    private static async Task<(long First, long Last)?> Take(
        DbConnection connection, int block, Closing close, BlockState from, BlockState to, CancellationToken cancellation)
    {
        await using var command = connection.Command(
            """
            UPDATE send_block SET state = @to, body = NULL
            WHERE campaign = @campaign AND number = @number AND state = @from
            RETURNING first_seq, last_seq
            """,
            ("@campaign", close.Campaign), ("@number", block), ("@from", Words.Of(from)), ("@to", Words.Of(to)));
        await using var row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation) ? (row.GetInt64(0), row.GetInt64(1)) : null;
    }

    private async Task<List<Candidate>> LastFilter(
        DbConnection connection, int block, (long First, long Last) range, Closing close, CancellationToken cancellation)
    {
        var audience = Audience(close.Campaign, close.Definition);
        await using var command = connection.Command(
            $"""
            {audience.Candidates(Rows)}
            SELECT person.account, person.member, candidate.member, candidate.meant, candidate.reason
            FROM send_person AS person
            LEFT JOIN candidate ON candidate.account = person.account
            WHERE person.campaign = @campaign AND person.seq BETWEEN @first AND @last AND person.block = @number AND person.reason IS NULL
            ORDER BY person.seq
            """,
            [.. audience.Values, ("@first", range.First), ("@last", range.Last), ("@number", block)]);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var persons = new List<Candidate>();
        while (await row.ReadAsync(cancellation))
        {
            var planned = Text(row, 1);
            var member = Text(row, 2);
            var meant = !row.IsDBNull(3) && row.GetInt32(3) == 1;
            var left = planned is not null && member is null;
            persons.Add(new(row.GetString(0), planned, member, Text(row, 4) switch
            {
                _ when !meant => left ? SkipReason.Unlinked : SkipReason.Audience,
                "otherVariant" when left => SkipReason.Unlinked,
                { } reason => Words.Read<SkipReason>(reason),
                null => null,
            }));
        }

        return persons;
    }

    private async Task Skip(
        DbConnection connection, string campaign, SkipReason reason, IEnumerable<string> accounts, CancellationToken cancellation)
    {
        await using var command = connection.Command(
            $"UPDATE send_person SET reason = @reason WHERE campaign = @campaign AND {database.IsAmong("account", "@accounts")}",
            ("@campaign", campaign), ("@reason", Words.Of(reason)), ("@accounts", database.List(accounts)));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task Rename(DbConnection connection, string campaign, Candidate person, CancellationToken cancellation)
    {
        await using var command = connection.Command(
            "UPDATE send_person SET member = @member WHERE campaign = @campaign AND account = @account",
            ("@campaign", campaign), ("@account", person.Account), ("@member", person.Member));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>One more block, for some persons of another.</summary>
    private async Task<int> Add(
        DbConnection connection, string campaign, (long First, long Last) range, string[] accounts, CancellationToken cancellation)
    {
        await using var block = connection.Command(
            """
            INSERT INTO send_block (campaign, number, state, first_seq, last_seq, persons)
            SELECT @campaign, max(number) + 1, 'inFlight', @first, @last, 0 FROM send_block WHERE campaign = @campaign
            RETURNING number
            """,
            ("@campaign", campaign), ("@first", range.First), ("@last", range.Last));
        var number = Convert.ToInt32(await block.ExecuteScalarAsync(cancellation), CultureInfo.InvariantCulture);
        await using var persons = connection.Command(
            $"UPDATE send_person SET block = @number WHERE campaign = @campaign AND {database.IsAmong("account", "@accounts")}",
            ("@campaign", campaign), ("@number", number), ("@accounts", database.List(accounts)));
        await persons.ExecuteNonQueryAsync(cancellation);
        return number;
    }

    private static Task<FrozenBlock> Freeze(
        DbConnection connection, int number, Closing close, MessageContent content, string[] accounts, CancellationToken cancellation) =>
        Freeze(connection, number, close, close.Bodies.Multicast(accounts, content, close.Campaign), accounts.Length, cancellation);

    private static async Task<FrozenBlock> Freeze(
        DbConnection connection, int number, Closing close, byte[] body, int persons, CancellationToken cancellation)
    {
        var key = RetryKey(close.Plan, number);
        await using var command = connection.Command(
            """
            UPDATE send_block SET retry_key = @key, body = @body, persons = @persons, first_sent_at = @now, sen = @sen
            WHERE campaign = @campaign AND number = @number
            """,
            ("@campaign", close.Campaign), ("@number", number), ("@key", key.ToString("D")), ("@body", body), ("@persons", persons),
            ("@now", close.Now.ToUnixTimeMilliseconds()), ("@sen", close.Sen(persons)));
        await command.ExecuteNonQueryAsync(cancellation);
        return new(number, key, body, persons, close.Now);
    }

    private static async Task Empty(DbConnection connection, Closing close, int number, CancellationToken cancellation)
    {
        await using var command = connection.Command(
            "UPDATE send_block SET state = 'empty', persons = 0, ended_at = @now WHERE campaign = @campaign AND number = @number",
            ("@campaign", close.Campaign), ("@number", number), ("@now", close.Now.ToUnixTimeMilliseconds()));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>One key, one sequence of bytes, for ever.</summary>
    private static Guid RetryKey(Guid plan, int number) =>
        new(SHA256.HashData(Encoding.UTF8.GetBytes($"{plan:N}|{number}")).AsSpan(0, 16), bigEndian: true);

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
            blocks[Words.Read<BlockState>(row.GetString(2))] = (row.GetInt32(3), Number(row, 4));
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

    private static async Task<Dictionary<SkipReason, long>> Reasons(
        DbConnection connection, string campaign, string which, CancellationToken cancellation)
    {
        await using var command = connection.Command(
            $"SELECT reason, count(*) FROM send_person WHERE campaign = @campaign AND reason IS NOT NULL AND {which} GROUP BY reason",
            ("@campaign", campaign));
        command.CommandTimeout = Database.PatienceSeconds;
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var reasons = new Dictionary<SkipReason, long>();
        while (await row.ReadAsync(cancellation)) Add(reasons, row.GetString(0), row.GetInt64(1));
        return reasons;
    }

    private static void Add(Dictionary<SkipReason, long> reasons, string reason, long persons)
    {
        var key = Words.Read<SkipReason>(reason);
        reasons[key] = reasons.GetValueOrDefault(key) + persons;
    }

    /// <summary>PostgreSQL's sums of 64-bit numbers are wider.</summary>
    private static long Number(DbDataReader row, int column) => Convert.ToInt64(row.GetValue(column), CultureInfo.InvariantCulture);

    private static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private sealed record Candidate(string Account, string? PlannedMember, string? Member, SkipReason? Reason);
}
