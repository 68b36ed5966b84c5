using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using CoopLine.Grains.Registry;
using CsvHelper;

namespace CoopLine.Silo.Registry;

/// <summary>
/// Reads the co-op's CSV row by row, in constant memory. A row is one line: the columns have no line breaks, and so a
/// quote that is never closed spoils its own line and not the rest of the file.
/// </summary>
/// <exception cref="RegistryFileException">The file is not a registry, or not to its end.</exception>
internal sealed class RegistryFile(Stream csv, FileEncoding encoding, RegistryHash hash, DateOnly today) : IAsyncDisposable
{
    private const int LongestLineBytes = 64 * 1024;

    /// <summary>This many malformed lines in a row are no slip: the file has another format.</summary>
    private const int MostMalformed = 10_000;

    private readonly Queue<RegistryRecord> malformed = [];
    private readonly RegistryRowReader rows = new(hash, today);
    private readonly PipeReader pipe = PipeReader.Create(csv, new(bufferSize: 128 * 1024, leaveOpen: true));
    private CsvReader? reader;

    private bool IsShiftJis => encoding is FileEncoding.ShiftJis;

    private CsvReader Reader => reader ?? throw new InvalidOperationException("The file has not been opened.");

    /// <summary>Checks the header.</summary>
    public async Task Open(CancellationToken cancellation)
    {
        reader = CsvReader.Create(
            pipe.AsStream(leaveOpen: true),
            new CsvReaderOptions
            {
                HasHeader = false,
                Separator = ',',
                Encoding = IsShiftJis ? Cp932.Encoding : Encoding.UTF8,
                AllowLineBreaksInQuotes = false,
                MalformedData = CsvMalformedDataHandling.Skip,
                OnMalformedRecord = Reject,
                MaxRecordSize = LongestLineBytes,
                TrackLineNumbers = true,
                IncludeValuesInExceptions = false,
            },
            leaveOpen: false);

        if (!await Advance(cancellation) || string.Join(',', Fields()) != RegistryRowReader.Header)
            throw new RegistryFileException($"The first line of the file is not {RegistryRowReader.Header}");
    }

    public async IAsyncEnumerable<RegistryRecord> Lines([EnumeratorCancellation] CancellationToken cancellation)
    {
        bool more;
        do
        {
            more = await Advance(cancellation);
            while (malformed.TryDequeue(out var rejected)) yield return rejected;
            if (more) yield return Read();
        }
        while (more);
    }

    public async ValueTask DisposeAsync()
    {
        if (reader is not null) await reader.DisposeAsync();
        await pipe.CompleteAsync();
    }

    private RegistryRecord Read()
    {
        var (row, notes, rejected) = IsReadable()
            ? rows.Read(Reader)
            : (null, RowNotes.None, $"a character that does not exist in {(IsShiftJis ? "Shift_JIS" : "UTF-8")}");
        var number = row?.MemberNumber ?? MemberNumber.Read(Reader.GetString(0));
        return new(Reader.LineNumber, Reader.ByteOffset, number, row, notes, rejected);
    }

    private IEnumerable<string> Fields() => Enumerable.Range(0, Reader.FieldCount).Select(Reader.GetString);

    private async ValueTask<bool> Advance(CancellationToken cancellation)
    {
        try
        {
            // This passes over malformed lines, which are collected until the next good one.
            return await Reader.ReadAsync(cancellation);
        }
        catch (CsvFormatException tooLong)
        {
            throw new RegistryFileException(
                $"Line {Reader.LineNumber + 1} or one soon after is longer than {LongestLineBytes} bytes.", tooLong);
        }
    }

    private bool IsReadable() => IsShiftJis ? Cp932.IsWellDecoded(Reader.RawRecord) : Utf8.IsValid(Reader.RawRecord);

    private void Reject(CsvMalformedRecord record)
    {
        var number = MemberNumber.Read(record.RawRecord.Split(',', 2)[0].Trim('"'));
        var reason = record.Reason is CsvMalformedReason.LineBreakInQuotes or CsvMalformedReason.UnterminatedQuote
            ? "a quote is not closed on the line"
            : "a quote in the middle of a value";
        if (malformed.Count == MostMalformed)
            throw new RegistryFileException($"Line {record.LineNumber} and the {MostMalformed} before it: {reason}.");
        malformed.Enqueue(new(record.LineNumber, record.ByteOffset, number, null, RowNotes.None, reason));
    }
}

/// <param name="Number">The line's number in the file, the header being 1.</param>
/// <param name="Bytes">Where the line starts in the file.</param>
/// <param name="MemberNumber">As far as it could be read.</param>
/// <param name="Row">Null when rejected.</param>
/// <param name="Rejected">Why there is no row.</param>
internal readonly record struct RegistryRecord(
    long Number, long Bytes, string? MemberNumber, RegistryRow? Row, RowNotes Notes, string? Rejected);

/// <summary>The file cannot be imported, and its message says why without repeating its data.</summary>
internal sealed class RegistryFileException(string problem, Exception? cause = null) : Exception(problem, cause);
