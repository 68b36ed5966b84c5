using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CoopLine.Grains;
using CoopLine.Grains.Messages;
using Npgsql;

namespace CoopLine.Silo.Storage.Sending;

internal sealed class SendBlocks(Database database, Audiences audiences, TimeProvider clock) : ISendBlocks
{
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
                WHERE campaign = @campaign AND state = '{EnumNames.Of(state)}' AND state IN ('open', 'inFlight')
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

        await WaitForOtherMessages(connection, close, cancellation);
        var persons = await LastFilter(connection, block, range, close, cancellation);
        foreach (var skipped in persons.Where(person => person.Reason is not null).GroupBy(person => person.Reason!.Value))
            await Skip(connection, close.Campaign, skipped.Key, skipped.Select(person => person.Account), cancellation);
        Candidate[] moved = [.. persons.Where(person => person.Reason is null && person.Member != person.PlannedMember)];
        if (moved is not []) await Unname(connection, close.Campaign, moved.Select(person => person.Account), cancellation);
        foreach (var person in moved.Where(person => person.Member is not null))
        {
            if (await Name(connection, close.Campaign, person, cancellation)) continue;
            await Skip(connection, close.Campaign, SkipReason.HadIt, [person.Account], cancellation);
            persons.Remove(person);
        }

        var frozen = ImmutableArray.CreateBuilder<FrozenBlock>();
        foreach (var same in persons.Where(person => person.Reason is null).GroupBy(person => (IsLinked: person.Member is not null, person.Says)))
        {
            string[] accounts = [.. same.Select(person => person.Account)];
            var content = (same.Key.IsLinked ? close.Definition.Linked : close.Definition.Unlinked)!;
            var body = close.Bodies.Multicast(accounts, close.Bodies.Filled(content, same.Key.Says, close.Now), close.Campaign);
            var number = frozen.Count == 0 ? block : await Add(connection, close.Campaign, range, accounts, cancellation);
            frozen.Add(await Freeze(connection, number, close, body, accounts.Length, cancellation));
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
            ("@campaign", campaign), ("@number", block), ("@state", EnumNames.Of(became)), ("@now", now.ToUnixTimeMilliseconds()));
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
        var number = 0;
        foreach (var half in new[] { accounts[..(accounts.Length / 2)], accounts[(accounts.Length / 2)..] })
        {
            number = await Add(connection, close.Campaign, range, half, cancellation);
            await Freeze(connection, number, close, MessageBodies.With(half, body), half.Length, cancellation);
        }

        // Who was erased meanwhile has another name here than in the call. Nobody stays in a block that was split.
        await using var rest = connection.Command(
            "UPDATE send_person SET block = @half WHERE campaign = @campaign AND block = @number AND reason IS NULL",
            ("@campaign", close.Campaign), ("@number", block), ("@half", number));
        await rest.ExecuteNonQueryAsync(cancellation);

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
            ("@campaign", close.Campaign), ("@number", block), ("@from", EnumNames.Of(from)), ("@to", EnumNames.Of(to)));
        await using var row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation) ? (row.GetInt64(0), row.GetInt64(1)) : null;
    }

    /// <summary>
    /// While another message of the topic goes out, their blocks are closed one after the other, so that the cap sees what a person is
    /// getting. On SQLite there is one writer.
    /// </summary>
    private static async Task WaitForOtherMessages(DbConnection connection, Closing close, CancellationToken cancellation)
    {
        if (connection is not NpgsqlConnection) return;
        // Shared by the blocks of a message that is alone; who finds it open waits for those.
        await using var turn = connection.Command(
            """
            SELECT CASE
                WHEN EXISTS (SELECT FROM send_plan WHERE topic = @topic AND open = 1 AND campaign <> @campaign)
                THEN pg_advisory_xact_lock(topic.hash)
                ELSE pg_advisory_xact_lock_shared(topic.hash)
            END
            FROM (SELECT hashtextextended('coopline send ' || @topic, 0) AS hash) AS topic
            """,
            ("@campaign", close.Campaign), ("@topic", EnumNames.Of(close.Definition.Topic)));
        await turn.ExecuteNonQueryAsync(cancellation);
    }

    private async Task<List<Candidate>> LastFilter(
        DbConnection connection, int block, (long First, long Last) range, Closing close, CancellationToken cancellation)
    {
        var planned = await Planned(connection, block, range, close, cancellation);
        var audience = await audiences.Of(close.Campaign, close.Definition);
        await using var command = connection.Command(
            $"{audience.Candidates(some: true)} SELECT account, member, meant, reason, store, saved FROM candidate",
            [.. audience.Values, ("@accounts", database.List(planned.Select(person => person.Account)))]);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var now = new Dictionary<string, Standing>(planned.Count);
        while (await row.ReadAsync(cancellation))
        {
            now[row.GetString(0)] = new(
                Text(row, 1), row.GetInt32(2) == 1, Text(row, 3), new(Text(row, 4), row.IsDBNull(5) ? null : row.GetInt64(5)));
        }

        return [.. planned.Select(person => Decide(person.Account, person.Member, now.GetValueOrDefault(person.Account, Standing.Gone)))];
    }

    /// <summary>Who is in a block, in the order of their rows.</summary>
    private static async Task<List<(string Account, string? Member)>> Planned(
        DbConnection connection, int block, (long First, long Last) range, Closing close, CancellationToken cancellation)
    {
        await using var command = connection.Command(
            """
            SELECT account, member
            FROM send_person
            WHERE campaign = @campaign AND seq BETWEEN @first AND @last AND block = @number AND reason IS NULL
            ORDER BY seq
            """,
            ("@campaign", close.Campaign), ("@first", range.First), ("@last", range.Last), ("@number", block));
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var persons = new List<(string, string?)>();
        while (await row.ReadAsync(cancellation)) persons.Add((row.GetString(0), Text(row, 1)));
        return persons;
    }

    private static Candidate Decide(string account, string? planned, Standing now)
    {
        var left = planned is not null && now.Member is null;
        return new(account, planned, now.Member, now.Reason switch
        {
            _ when !now.Meant => left ? SkipReason.Unlinked : SkipReason.Audience,
            "otherVariant" when left => SkipReason.Unlinked,
            { } reason => EnumNames.Read<SkipReason>(reason),
            null => null,
        }, now.Says);
    }

    private async Task Skip(
        DbConnection connection, string campaign, SkipReason reason, IEnumerable<string> accounts, CancellationToken cancellation)
    {
        await using var command = connection.Command(
            $"UPDATE send_person SET reason = @reason WHERE campaign = @campaign AND {database.IsAmong("account", "@accounts")}",
            ("@campaign", campaign), ("@reason", EnumNames.Of(reason)), ("@accounts", database.List(accounts)));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Rows whose accounts are linked to other members now than when the message was planned, or to none.</summary>
    private async Task Unname(DbConnection connection, string campaign, IEnumerable<string> accounts, CancellationToken cancellation)
    {
        await using var command = connection.Command(
            $"UPDATE send_person SET member = NULL WHERE campaign = @campaign AND {database.IsAmong("account", "@accounts")}",
            ("@campaign", campaign), ("@accounts", database.List(accounts)));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Who has moved to another phone is in the plan with the old one as well; a member is in it once.</summary>
    /// <returns>False: the old phone has had the message, or its call is under way.</returns>
    private async Task<bool> Name(DbConnection connection, string campaign, Candidate person, CancellationToken cancellation)
    {
        (string, object?)[] values = [("@campaign", campaign), ("@account", person.Account), ("@member", person.Member)];
        const string old = """
            SELECT state FROM send_block
            WHERE campaign = @campaign AND number = (
                SELECT block FROM send_person WHERE campaign = @campaign AND member = @member AND reason IS NULL)
            """;
        // Not while the old phone's block is being closed: it may just have let the member go, which only a question after that shows.
        await using var wait = connection.Command($"{old} {database.Share}", values);
        await wait.ExecuteNonQueryAsync(cancellation);
        await using var look = connection.Command(old, values);
        if (await look.ExecuteScalarAsync(cancellation) is "inFlight" or "accepted" or "parked") return false;

        await using var leave = connection.Command("UPDATE send_person SET member = NULL WHERE campaign = @campaign AND member = @member", values);
        await leave.ExecuteNonQueryAsync(cancellation);
        await using var take = connection.Command("UPDATE send_person SET member = @member WHERE campaign = @campaign AND account = @account", values);
        await take.ExecuteNonQueryAsync(cancellation);
        return true;
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

    private static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    /// <summary>An account as it is when a block is closed.</summary>
    private sealed record Standing(string? Member, bool Meant, string? Reason, Reader Says)
    {
        /// <summary>Nothing is known of it any more.</summary>
        public static readonly Standing Gone = new(null, false, null, new(null, null));
    }

    private sealed record Candidate(string Account, string? PlannedMember, string? Member, SkipReason? Reason, Reader Says);
}
