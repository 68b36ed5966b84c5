using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Npgsql;

namespace CoopLine.Peer;

/// <summary>
/// The member registry, written by hand: lines are read by one, checked and hashed by as many as there are processors, and copied
/// into a table beside; then that table takes the registry's place, or its rows do, in one transaction.
/// </summary>
internal sealed class Importing(NpgsqlDataSource database, byte[] key)
{
    private const string Header = "member_number,phones,birth_date,status,businesses,home_store,replaced_by";
    private const int ChunkLines = 5_000;
    private const int OneMissingIn = 100;

    /// <returns>What is wrong with the file; null when it was applied.</returns>
    public async Task<string?> Run(string file, bool delta)
    {
        await Execute("DROP TABLE IF EXISTS registry_next; CREATE TABLE registry_next (LIKE registry)");
        var chunks = Channel.CreateBounded<List<string>>(2 * Environment.ProcessorCount);
        var reading = Read(file, chunks.Writer);
        var rejected = (await Task.WhenAll(Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Task.Run(() => Stage(chunks.Reader))))).Sum();
        await reading;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rejected} rows rejected."));

        // Two rows of one number end it here.
        await Execute("ALTER TABLE registry_next ADD PRIMARY KEY (number)");
        if (delta)
        {
            await Execute(
                """
                INSERT INTO registry SELECT * FROM registry_next
                ON CONFLICT (number) DO UPDATE SET
                    phones = excluded.phones, birth_date_hash = excluded.birth_date_hash, status = excluded.status,
                    businesses = excluded.businesses, home_store = excluded.home_store, replaced_by = excluded.replaced_by;
                DROP TABLE registry_next;
                """);
            return null;
        }

        await using var missing = database.CreateCommand(
            $"""
            SELECT count(*) FILTER (WHERE next.number IS NULL) * {OneMissingIn} > count(*)
            FROM registry LEFT JOIN registry_next AS next USING (number)
            """);
        missing.CommandTimeout = 0;
        if (await missing.ExecuteScalarAsync() is true) return "More than 1 % of the known members are missing.";
        await Execute(
            """
            DROP TABLE registry;
            ALTER TABLE registry_next RENAME TO registry;
            ALTER TABLE registry RENAME CONSTRAINT registry_next_pkey TO registry_pkey;
            """);
        return null;
    }

    private static async Task Read(string file, ChannelWriter<List<string>> chunks)
    {
        try
        {
            using var lines = new StreamReader(file, Encoding.UTF8, detectEncodingFromByteOrderMarks: true, bufferSize: 128 * 1024);
            if (await lines.ReadLineAsync() != Header) throw new InvalidDataException($"The first line is not {Header}.");
            var chunk = new List<string>(ChunkLines);
            while (await lines.ReadLineAsync() is { } line)
            {
                chunk.Add(line);
                if (chunk.Count < ChunkLines) continue;
                await chunks.WriteAsync(chunk);
                chunk = new(ChunkLines);
            }

            await chunks.WriteAsync(chunk);
        }
        finally
        {
            chunks.Complete();
        }
    }

    /// <returns>How many rows were rejected.</returns>
    private async Task<long> Stage(ChannelReader<List<string>> chunks)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        await using var connection = await database.OpenConnectionAsync();
        await using var copy = await connection.BeginTextImportAsync("COPY registry_next FROM STDIN");
        var (rejected, row) = (0L, new StringBuilder());
        await foreach (var chunk in chunks.ReadAllAsync())
        {
            foreach (var line in chunk)
            {
                row.Clear();
                if (Write(line.Split(','), row, hmac)) await copy.WriteAsync(row);
                else rejected++;
            }
        }

        return rejected;
    }

    /// <summary>As COPY's text format has it.</summary>
    /// <returns>False when the row is rejected.</returns>
    private static bool Write(string[] fields, StringBuilder row, IncrementalHash hmac)
    {
        if (fields is not [var number, var phones, var birth, var status, var businesses, var store, var replacedBy]) return false;
        if (number.Length is 0 or > 12 || !number.All(char.IsAsciiDigit) || status is not ("active" or "withdrawn")) return false;

        row.Append(number).Append("\t{");
        foreach (var written in phones.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var phone = written.Replace("-", "", StringComparison.Ordinal);
            if (phone is not (['0', ..] and { Length: 10 or 11 }) || !phone.All(char.IsAsciiDigit)) return false;
            row.Append(row[^1] == '{' ? "" : ",").Append(Hash(hmac, "phone:" + phone));
        }

        row.Append("}\t");
        var day = birth.Replace("-", "", StringComparison.Ordinal);
        if (day.Length == 0) row.Append("\\N");
        else if (DateOnly.TryParseExact(day, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
            row.Append(Hash(hmac, "birth:" + day));
        else return false;

        var words = businesses.Split(';', StringSplitOptions.RemoveEmptyEntries);
        if (words.Any(word => word is not ("store" or "home" or "group")) || store.Any(char.IsControl)) return false;
        row.Append('\t').Append(status).Append("\t{").AppendJoin(',', words).Append("}\t")
            .Append(store is "" ? "\\N" : store.Replace("\\", "\\\\", StringComparison.Ordinal)).Append('\t')
            .Append(replacedBy is "" ? "\\N" : replacedBy).Append('\n');
        return replacedBy != number && replacedBy.All(char.IsAsciiDigit);
    }

    private static string Hash(IncrementalHash hmac, string text)
    {
        Span<byte> bytes = stackalloc byte[text.Length];
        Encoding.ASCII.GetBytes(text, bytes);
        hmac.AppendData(bytes);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        hmac.GetHashAndReset(hash);
        return Convert.ToHexStringLower(hash);
    }

    /// <summary>One implicit transaction.</summary>
    private async Task Execute(string sql)
    {
        await using var command = database.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }
}
