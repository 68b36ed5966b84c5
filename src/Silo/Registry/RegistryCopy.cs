using System.Buffers;
using System.Buffers.Binary;
using System.Data.Common;
using Npgsql;

namespace CoopLine.Silo.Registry;

/// <summary>
/// PostgreSQL's COPY, for rows none of which is there yet. Its
/// <see href="https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.4">binary format</see> is written here,
/// many rows at a time: column by column through Npgsql it costs several times as much.
/// </summary>
internal sealed class RegistryCopy(NpgsqlConnection connection, DbTransaction transaction, long import)
{
    private const string Command = """
        COPY registry_row (
            import_id, member_number, phones, birth_date_hash, status, businesses, home_store, replaced_by, line)
        FROM STDIN (FORMAT BINARY)
        """;

    private const short Columns = RegistryRow.ColumnCount + 2;
    private const short End = -1;
    private const int SendBytes = 32 * 1024;
    private const string Before = "before_copy";

    private static readonly byte[] Header = [.. "PGCOPY\n"u8, 0xFF, (byte)'\r', (byte)'\n', 0, .. new byte[2 * sizeof(int)]];

    private readonly ArrayBufferWriter<byte> buffer = new(2 * SendBytes);

    /// <returns>False when nothing was added, because one of the numbers is there already.</returns>
    public async Task<bool> TryAdd(IEnumerable<RegistryRecord> lines, CancellationToken cancellation)
    {
        await transaction.SaveAsync(Before, cancellation);
        try
        {
            await using var copy = await connection.BeginRawBinaryCopyAsync(Command, cancellation);
            buffer.Write(Header);
            foreach (var line in lines)
            {
                Write(line.Row!, line.Number);
                if (buffer.WrittenCount >= SendBytes) await Send(copy, cancellation);
            }

            Write(End);
            await Send(copy, cancellation);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            await transaction.RollbackAsync(Before, cancellation);
            return false;
        }

        return true;
    }

    private async ValueTask Send(Stream copy, CancellationToken cancellation)
    {
        await copy.WriteAsync(buffer.WrittenMemory, cancellation);
        buffer.ResetWrittenCount();
    }

    private void Write(RegistryRow row, long line)
    {
        Write(Columns);
        Write(import);
        buffer.Write(row.Columns);
        Write(line);
    }

    private void Write(long value)
    {
        Write(sizeof(long));
        BinaryPrimitives.WriteInt64BigEndian(buffer.GetSpan(sizeof(long)), value);
        buffer.Advance(sizeof(long));
    }

    private void Write(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(buffer.GetSpan(sizeof(int)), value);
        buffer.Advance(sizeof(int));
    }

    private void Write(short value)
    {
        BinaryPrimitives.WriteInt16BigEndian(buffer.GetSpan(sizeof(short)), value);
        buffer.Advance(sizeof(short));
    }
}
