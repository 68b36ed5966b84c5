using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using CoopLine.Grains;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Linking;
using CoopLine.Grains.Members;
using CoopLine.Grains.Redemptions;
using CoopLine.Grains.Registry;
using CoopLine.Grains.Storage;
using Npgsql;

namespace CoopLine.Silo.Storage.Forgetting;

internal sealed class Erasures(Database database, RegistryHashes keys, TimeProvider clock) : IErasures
{
    // The words of the index, so that it is found.
    private const string ShortLived = "GrainTypeString IN ('link-session', 'coupon-code')";

    /// <summary>An import without a sign of life for so long has died with its process, and what it staged counts for nothing.</summary>
    private static readonly TimeSpan ImportDeadAfter = TimeSpan.FromMinutes(1);

    public async Task<Ties> Find(string number)
    {
        await using var connection = await database.OpenReader(default);
        // From any number of the chain to those before it. UNION ends a circle.
        ImmutableArray<string> numbers = [number, .. await Texts(
            connection,
            $"{Database.Predecessors("@number")} SELECT number FROM predecessor WHERE number <> @number",
            ("@number", number))];
        await using var exists = connection.Command(
            $"SELECT EXISTS (SELECT 1 FROM ledger WHERE {database.IsAmong("member", "@numbers")})", ("@numbers", database.List(numbers)));
        var rows = Convert.ToBoolean(await exists.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
        return new(numbers, await Accounts(connection, numbers), rows);
    }

    public async Task Mark(ImmutableArray<string> numbers)
    {
        await using var connection = await database.OpenWriter(default);
        await using var transaction = await connection.BeginTransactionAsync();
        await Mark(connection, numbers);
        await transaction.CommitAsync();
    }

    public async Task<bool> TakeOut(string number, Erasing erasing, int version)
    {
        var numbers = erasing.Numbers;
        var (receipts, codes, sessions) = await Mentions(numbers);

        await using var connection = await database.OpenWriter(default);
        await using var transaction = await connection.BeginTransactionAsync();
        var states = new StoredStates(database, connection);
        if (await IsInUse(connection, states, number, numbers)) return false;

        await Mark(connection, numbers);
        var names = new Pseudonyms(numbers);
        var campaigns = await Texts(
            connection,
            $"SELECT id FROM campaigns UNION SELECT campaign FROM ledger WHERE campaign IS NOT NULL AND {database.IsAmong("member", "@numbers")}",
            ("@numbers", database.List(numbers)));
        // Before the ledger's rows: from here on no till takes a use of theirs back, and what one took back before is among the rows.
        foreach (var coupon in from campaign in campaigns from one in numbers select (campaign, one))
            if (!await RenameCoupon(states, names, coupon.campaign, coupon.one)) return false;
        await RenameRows(connection, names, numbers);
        foreach (var receipt in receipts)
        {
            var key = GrainKeys.ReceiptKey(receipt);
            if (await states.Read<ReceiptState>(StateNames.Receipt, key) is not { State: { } plan } stored) continue;
            if (!await states.Write(StateNames.Receipt, key, names.Of(plan), stored.Version)) return false;
        }

        foreach (var code in codes) await states.Delete(StateNames.CouponCode, code);
        foreach (var session in sessions) await states.Delete(StateNames.LinkSession, session);
        await DeleteFromRegistry(connection, numbers);
        await DeleteFromLists(connection, numbers);
        foreach (var one in numbers) await RenameInPlans(connection, "member", one, member: names.Member(one));
        foreach (var one in numbers)
        {
            await Remember(connection, one, erasing);
            if (one != number) await states.Delete(StateNames.Member, GrainKeys.MemberKey(one));
        }

        if (!await states.Delete(StateNames.Member, GrainKeys.MemberKey(number), version)) return false;
        await transaction.CommitAsync();
        return true;
    }

    public async Task<bool> TakeOutAccount(string account, int version)
    {
        await using var reader = await database.OpenReader(default);
        var found = new StoredStates(database, reader);
        var codes = await found.Holding<CouponCodeState>($"{ShortLived} AND GrainTypeString = 'coupon-code'", [account]);
        var sessions = await found.Holding<LinkSessionState>($"{ShortLived} AND GrainTypeString = 'link-session'", [account]);
        var guessedAt = await found.Holding<MemberState>("GrainTypeString = 'member'", [account]);

        await using var connection = await database.OpenWriter(default);
        await using var transaction = await connection.BeginTransactionAsync();
        await WaitForWriters(connection, "send_plan");
        var states = new StoredStates(database, connection);
        if (!await states.Delete(StateNames.LineAccount, GrainKeys.AccountKey(account), version)) return false;
        foreach (var (key, _, _) in codes) await states.Delete(StateNames.CouponCode, key);
        foreach (var (key, _, _) in sessions) await states.Delete(StateNames.LinkSession, key);
        foreach (var (key, member, seen) in guessedAt)
        {
            var mismatches = member.Mismatches.RemoveAll(one => one.Account == account);
            if (mismatches == member.Mismatches) continue;
            if (!await states.Write(StateNames.Member, key, member with { Mismatches = mismatches }, seen)) return false;
        }

        await RenameInPlans(connection, "account", account, member: null);
        // Messages that could not be delivered. In rare kinds' own words: they have an index.
        await using var rename = connection.Command(
            "UPDATE ledger SET account = @name WHERE kind = 'undelivered' AND kind <> 'used' AND account = @account",
            ("@name", Pseudonyms.New()), ("@account", account));
        await rename.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
        return true;
    }

    public async Task<Erasure?> Of(string number)
    {
        await using var connection = await database.OpenReader(default);
        await using var command = connection.Command(
            $"SELECT at, actor FROM erased_member WHERE {database.IsAmong("number_hash", "@hashes")} ORDER BY at DESC LIMIT 1",
            ("@hashes", database.List(keys.All.Select(key => key.MemberNumber(number)))));
        await using var row = await command.ExecuteReaderAsync();
        return await row.ReadAsync()
            ? new(DateTimeOffset.Parse(row.GetString(0), CultureInfo.InvariantCulture), row.GetString(1))
            : null;
    }

    public async Task<ImmutableHashSet<string>> UsedBefore(IReadOnlyCollection<string> campaigns, IReadOnlyCollection<string> people)
    {
        if (campaigns.Count == 0) return [];

        var asked = (from campaign in campaigns from who in people from key in keys.All select (Hash: key.Use(campaign, who), campaign))
            .ToLookup(one => one.Hash, one => one.campaign);
        await using var connection = await database.OpenReader(default);
        var found = await Texts(
            connection,
            $"SELECT use_hash FROM erased_use WHERE {database.IsAmong("use_hash", "@hashes")}",
            ("@hashes", database.List(asked.Select(one => one.Key))));
        return [.. found.SelectMany(hash => asked[hash])];
    }

    /// <summary>What names the numbers though it is not found by them. Looked for beside the writers, because it takes long.</summary>
    private async Task<(ImmutableArray<string> Receipts, ImmutableArray<string> Codes, ImmutableArray<string> Sessions)> Mentions(
        ImmutableArray<string> numbers)
    {
        await using var connection = await database.OpenReader(default);
        var states = new StoredStates(database, connection);
        var codes = await states.Holding<CouponCodeState>($"{ShortLived} AND GrainTypeString = 'coupon-code'", numbers);
        var sessions = await states.Holding<LinkSessionState>($"{ShortLived} AND GrainTypeString = 'link-session'", numbers);

        // Receipts of several coupons keep the code: of the numbers, and of others whose accounts had the numbers before.
        var accounts = database.List(await Accounts(connection, numbers));
        var members = await Texts(
            connection,
            $"SELECT DISTINCT member FROM ledger WHERE kind = 'linked' AND kind <> 'used' AND {database.IsAmong("account", "@accounts")}",
            ("@accounts", accounts));
        var receipts = await Texts(
            connection,
            $"SELECT DISTINCT receipt FROM ledger WHERE {database.IsAmong("member", "@members")} AND planned",
            ("@members", database.List(members.Union(numbers))));
        return (
            receipts,
            [.. codes.Where(code => code.State.Grant is { } grant && Names(grant, numbers)).Select(code => code.Key)],
            [.. sessions.Where(session => Names(session.State, numbers)).Select(session => session.Key)]);
    }

    /// <summary>Whether something that has begun would write the numbers again, or still has to tell somebody.</summary>
    private async Task<bool> IsInUse(DbConnection connection, StoredStates states, string number, ImmutableArray<string> numbers)
    {
        await WaitForWriters(connection, "registry_import, send_plan");
        await using var import = connection.Command(
            "SELECT count(*) FROM registry_import WHERE status = 'staging' AND alive_at >= @alive",
            ("@alive", database.Time(clock.GetUtcNow() - ImportDeadAfter)));
        if ((long)(await import.ExecuteScalarAsync())! > 0) return true;

        foreach (var one in numbers.Remove(number))
            if ((await states.Read<MemberState>(StateNames.Member, GrainKeys.MemberKey(one))).State is { Link: not null } or { Pending: true })
                return true;

        var begun = await states.Holding<ReceiptState>("GrainTypeString = 'receipt' AND Pending = 1", numbers);
        return begun.Any(receipt => receipt.State.Plan?.Code is { } code && Names(code, numbers));
    }

    /// <summary>
    /// An import, or the plan of a message, that begins from here on waits until this is committed, and then knows who was erased; one
    /// that has begun is waited for. On SQLite there is one writer.
    /// </summary>
    private static async Task WaitForWriters(DbConnection connection, string tables)
    {
        if (connection is not NpgsqlConnection) return;
        await using var hold = connection.Command($"LOCK TABLE {tables} IN SHARE MODE");
        await hold.ExecuteNonQueryAsync();
    }

    private static bool Names(CodeGrant code, ImmutableArray<string> numbers) =>
        numbers.Contains(code.Member) || code.EarlierMembers.Any(numbers.Contains);

    private static bool Names(LinkSessionState session, ImmutableArray<string> numbers) =>
        session.Nonces.Any(nonce => numbers.Contains(nonce.Member)) || numbers.Contains(session.Consumed?.Member ?? "");

    private async Task Mark(DbConnection connection, ImmutableArray<string> numbers)
    {
        var uses = new List<(string Campaign, string Account)>();
        await using (var command = connection.Command(
            $"SELECT campaign, account FROM standing_uses WHERE {database.IsAmong("member", "@numbers")}",
            ("@numbers", database.List(numbers))))
        await using (var row = await command.ExecuteReaderAsync())
        {
            while (await row.ReadAsync()) uses.Add((row.GetString(0), row.GetString(1)));
        }

        // By any of the numbers: they are one person's.
        foreach (var hash in uses.SelectMany(use => numbers.Append(use.Account).Select(who => keys.Current.Use(use.Campaign, who))).Distinct())
        {
            await using var mark = connection.Command(
                "INSERT INTO erased_use (use_hash) VALUES (@hash) ON CONFLICT DO NOTHING", ("@hash", hash));
            await mark.ExecuteNonQueryAsync();
        }
    }

    private async Task RenameRows(DbConnection connection, Pseudonyms names, ImmutableArray<string> numbers)
    {
        var rows = new List<(long Seq, LedgerRow Row)>();
        await using (var command = connection.Command(
            $"SELECT {Ledger.Columns} FROM ledger WHERE {database.IsAmong("member", "@numbers")}", ("@numbers", database.List(numbers))))
        await using (var row = await command.ExecuteReaderAsync())
        {
            while (await row.ReadAsync()) rows.Add((row.GetInt64(0), Ledger.Read(row)));
        }

        foreach (var (seq, row) in rows)
        {
            var renamed = names.Of(row);
            await using var update = connection.Command(
                """
                UPDATE ledger
                SET id = @id, member = @member, account = @account, amends = @amends, reason = NULL, identity_check = NULL
                WHERE seq = @seq
                """,
                ("@seq", seq), ("@id", renamed.Id), ("@member", renamed.Member), ("@account", renamed.Account), ("@amends", renamed.Amends));
            await update.ExecuteNonQueryAsync();
        }
    }

    /// <returns>False when somebody is writing it.</returns>
    private static async Task<bool> RenameCoupon(StoredStates states, Pseudonyms names, string campaign, string number)
    {
        var key = GrainKeys.CouponKey(campaign, number);
        var (coupon, version) = await states.Read<CouponState>(StateNames.Coupon, key);
        if (version == 0) return true;
        if (coupon is null or { Use: null, TakenBack: [] }) return await states.Delete(StateNames.Coupon, key, version); // never used
        return await states.Write(StateNames.Coupon, key, names.Of(coupon), version, GrainKeys.CouponKey(campaign, names.Member(number)));
    }

    /// <summary>All that any import said of them; unless somebody has the number again, who has not left.</summary>
    private async Task DeleteFromRegistry(DbConnection connection, ImmutableArray<string> numbers)
    {
        var again = await Texts(
            connection,
            $"SELECT member_number FROM registry WHERE {database.IsAmong("member_number", "@numbers")} AND status = 'active' AND replaced_by IS NULL",
            ("@numbers", database.List(numbers)));
        await using var delete = connection.Command(
            $"DELETE FROM registry_row WHERE {database.IsAmong("member_number", "@numbers")}",
            ("@numbers", database.List(numbers.Except(again))));
        await delete.ExecuteNonQueryAsync();
    }

    /// <summary>The lists of members to whom campaigns are issued.</summary>
    private async Task DeleteFromLists(DbConnection connection, ImmutableArray<string> numbers)
    {
        await using var delete = connection.Command(
            $"DELETE FROM campaign_member WHERE {database.IsAmong("member", "@numbers")}", ("@numbers", database.List(numbers)));
        await delete.ExecuteNonQueryAsync();
    }

    /// <summary>SQL: another name for somebody in all messages. One message after the other, since the indexes begin with the message.</summary>
    /// <param name="which">Column in which <c>@who</c> is: account or member.</param>
    internal static string RenameInPlans(string which) => $"""
        WITH RECURSIVE message AS (
            SELECT min(campaign) AS id FROM send_person
            UNION ALL
            SELECT (SELECT min(campaign) FROM send_person WHERE campaign > message.id) FROM message WHERE message.id IS NOT NULL)
        UPDATE send_person SET account = @account, member = coalesce(@member, member)
        WHERE campaign IN (SELECT id FROM message) AND {which} = @who
        """;

    /// <summary>How many got a message stays true. Whoever is in an open block gets none: the account is not found any more.</summary>
    private static async Task RenameInPlans(DbConnection connection, string which, string who, string? member)
    {
        await using var rename = connection.Command(
            RenameInPlans(which), ("@account", Pseudonyms.New()), ("@member", member), ("@who", who));
        await rename.ExecuteNonQueryAsync();
    }

    private async Task Remember(DbConnection connection, string number, Erasing erasing)
    {
        await using var command = connection.Command(
            """
            INSERT INTO erased_member (number_hash, at, actor) VALUES (@hash, @at, @actor)
            ON CONFLICT (number_hash) DO UPDATE SET at = excluded.at, actor = excluded.actor
            """,
            ("@hash", keys.Current.MemberNumber(number)), ("@at", Ledger.Write(erasing.At)), ("@actor", erasing.By));
        await command.ExecuteNonQueryAsync();
    }

    private Task<ImmutableArray<string>> Accounts(DbConnection connection, ImmutableArray<string> numbers) => Texts(
        connection,
        $"SELECT DISTINCT account FROM ledger WHERE {database.IsAmong("member", "@numbers")} AND account IS NOT NULL",
        ("@numbers", database.List(numbers)));

    private static async Task<ImmutableArray<string>> Texts(
        DbConnection connection, string sql, params (string Name, object? Value)[] values)
    {
        await using var command = connection.Command(sql, values);
        command.CommandTimeout = Database.PatienceSeconds;
        await using var row = await command.ExecuteReaderAsync();
        var texts = ImmutableArray.CreateBuilder<string>();
        while (await row.ReadAsync()) texts.Add(row.GetString(0));
        return texts.ToImmutable();
    }
}
