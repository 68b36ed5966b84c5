using System.Buffers;
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
internal sealed class RegistryFile(Stream csv, RegistryHash hash, DateOnly today) : IAsyncDisposable
{
    /// <summary>How much of the file decides its encoding.</summary>
    private const int SampleBytes = 1024 * 1024;

    private const int LongestLineBytes = 64 * 1024;

    /// <summary>This many malformed lines in a row are no slip: the file has another format.</summary>
    private const int MostMalformed = 10_000;

    private static readonly Encoding ShiftJis = CodePagesEncodingProvider.Instance.GetEncoding(
        932, EncoderFallback.ReplacementFallback, new DecoderReplacementFallback("\uFFFD"))!;

    private readonly Queue<RegistryRecord> malformed = [];
    private readonly RegistryRowReader rows = new(hash, today);
    private readonly PipeReader pipe = PipeReader.Create(csv, new(bufferSize: 128 * 1024, leaveOpen: true));
    private Encoding encoding = Encoding.UTF8;
    private CsvReader? reader;

    private CsvReader Reader => reader ?? throw new InvalidOperationException("The file has not been opened.");

    /// <summary>Finds the encoding and checks the header.</summary>
    public async Task Open(CancellationToken cancellation)
    {
        encoding = await Detect(cancellation);
        reader = CsvReader.Create(
            pipe.AsStream(leaveOpen: true),
            new CsvReaderOptions
            {
                HasHeader = false,
                Separator = ',',
                Encoding = encoding,
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
        var (row, rejected) = rows.Read(Reader);
        var number = row?.MemberNumber ?? MemberNumber.Read(Reader.GetString(0));
        return new(Reader.LineNumber, Reader.ByteOffset, number, row, rejected);
    }

    private IEnumerable<string> Fields() => Enumerable.Range(0, Reader.FieldCount).Select(Reader.GetString);

    private async ValueTask<bool> Advance(CancellationToken cancellation)
    {
        try
        {
            // This passes over malformed lines, which are collected until the next good one.
            if (!await Reader.ReadAsync(cancellation)) return false;
        }
        catch (CsvFormatException tooLong)
        {
            throw new RegistryFileException(
                $"Line {Reader.LineNumber + 1} or one soon after is longer than {LongestLineBytes} bytes.", tooLong);
        }

        // The beginning of the file decided the encoding. What contradicts it later is refused, never misread.
        var readable = encoding == ShiftJis ? IsWellDecoded(Reader.RawRecord) : Utf8.IsValid(Reader.RawRecord);
        return readable
            ? true
            : throw new RegistryFileException(
                $"Line {Reader.LineNumber} is not {(encoding == ShiftJis ? "Shift_JIS" : "UTF-8")} like the lines before.");
    }

    /// <summary>Bytes that mean nothing in CP932 become U+FFFD or, alone, one of U+F8F0 to U+F8F3.</summary>
    private static bool IsWellDecoded(ReadOnlySpan<byte> record) =>
        record.IndexOf("\uFFFD"u8) < 0 && record.IndexOf("\uF8F0"u8[..2]) < 0;

    private void Reject(CsvMalformedRecord record)
    {
        var number = MemberNumber.Read(record.RawRecord.Split(',', 2)[0].Trim('"'));
        var reason = record.Reason is CsvMalformedReason.LineBreakInQuotes or CsvMalformedReason.UnterminatedQuote
            ? "a quote is not closed on the line"
            : "a quote in the middle of a value";
        if (malformed.Count == MostMalformed)
            throw new RegistryFileException($"Line {record.LineNumber} and the {MostMalformed} before it: {reason}.");
        malformed.Enqueue(new(record.LineNumber, record.ByteOffset, number, null, reason));
    }

    /// <summary>Shift_JIS text of any length is hardly ever valid UTF-8, so what is valid UTF-8 is UTF-8.</summary>
    private async Task<Encoding> Detect(CancellationToken cancellation)
    {
        var read = await pipe.ReadAtLeastAsync(SampleBytes, cancellation);
        var sample = read.Buffer.ToArray();
        pipe.AdvanceTo(read.Buffer.Start);
        if (sample.Length == 0) throw new RegistryFileException("The file is empty.");

        // Whole lines only: the sample may end inside a character.
        var end = read.IsCompleted ? sample.Length : sample.AsSpan().LastIndexOf((byte)'\n') + 1;
        return Utf8.IsValid(sample.AsSpan(0, end)) ? Encoding.UTF8 : ShiftJis;
    }
}

/// <param name="Number">The line's number in the file, the header being 1.</param>
/// <param name="Bytes">Where the line starts in the file.</param>
/// <param name="MemberNumber">As far as it could be read.</param>
/// <param name="Row">Null when rejected.</param>
/// <param name="Rejected">Why there is no row.</param>
internal readonly record struct RegistryRecord(
    long Number, long Bytes, string? MemberNumber, RegistryRow? Row, string? Rejected);

/// <summary>The file cannot be imported, and its message says why without repeating its data.</summary>
internal sealed class RegistryFileException(string problem, Exception? cause = null) : Exception(problem, cause);
