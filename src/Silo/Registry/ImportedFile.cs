using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using CoopLine.Grains.Registry;

namespace CoopLine.Silo.Registry;

/// <summary>
/// A file that can be read again from its beginning. What comes over the network is kept in a temporary file meanwhile,
/// encrypted under a key that only this process has: no phone is on the disk, not even after a crash.
/// </summary>
internal sealed class ImportedFile : IAsyncDisposable
{
    private const int BufferBytes = 128 * 1024;

    private static ReadOnlySpan<byte> Utf8Mark => [0xEF, 0xBB, 0xBF];

    private readonly Stream stored;
    private readonly Aes? key;
    private readonly long start;

    private ImportedFile(Stream stored, Aes? key)
    {
        (this.stored, this.key) = (stored, key);
        start = key is null ? stored.Position : 0;
    }

    public FileEncoding Encoding { get; private set; }

    /// <param name="said">The encoding, if the sender says it; else the whole file decides.</param>
    public static async Task<ImportedFile> Take(Stream csv, FileEncoding? said, CancellationToken cancellation)
    {
        if (csv.CanSeek)
        {
            var file = new ImportedFile(csv, null);
            file.Encoding = said ?? await Copy(csv, Stream.Null, cancellation);
            return file;
        }

        var place = new FileStream(
            Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, BufferBytes, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        return await Keep(csv, place, said, cancellation);
    }

    /// <param name="place">Where it is kept, encrypted; it is disposed of with the file.</param>
    public static async Task<ImportedFile> Keep(Stream csv, Stream place, FileEncoding? said, CancellationToken cancellation)
    {
        var file = new ImportedFile(place, Aes.Create());
        try
        {
            await using var sealing = new CryptoStream(place, file.key!.CreateEncryptor(), CryptoStreamMode.Write, leaveOpen: true);
            var found = await Copy(csv, sealing, cancellation);
            await sealing.FlushFinalBlockAsync(cancellation);
            file.Encoding = said ?? found;
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>From the beginning; one reader at a time.</summary>
    public Stream Read()
    {
        stored.Position = start;
        return key is null
            ? stored
            : new CryptoStream(stored, key.CreateDecryptor(), CryptoStreamMode.Read, leaveOpen: true);
    }

    /// <summary>The lines with their numbers, the first being 1.</summary>
    public async IAsyncEnumerable<(long Number, string Text)> Lines([EnumeratorCancellation] CancellationToken cancellation)
    {
        using var text = new StreamReader(
            Read(), Encoding is FileEncoding.ShiftJis ? Cp932.Encoding : System.Text.Encoding.UTF8, leaveOpen: true);
        for (var number = 1L; await text.ReadLineAsync(cancellation) is { } line; number++) yield return (number, line);
    }

    public async ValueTask DisposeAsync()
    {
        if (key is null) return; // the stream is somebody else's
        await stored.DisposeAsync();
        key.Dispose();
    }

    private static async Task<FileEncoding> Copy(Stream csv, Stream copy, CancellationToken cancellation)
    {
        var vote = new EncodingVote();
        var buffer = new byte[BufferBytes];
        var (kept, isMarked, isFirst) = (0, false, true);
        while (await csv.ReadAsync(buffer.AsMemory(kept), cancellation) is > 0 and var read)
        {
            await copy.WriteAsync(buffer.AsMemory(kept, read), cancellation);
            var filled = kept + read;
            if (isFirst && filled >= Utf8Mark.Length)
                (isFirst, isMarked) = (false, buffer.AsSpan().StartsWith(Utf8Mark));

            var whole = buffer.AsSpan(0, filled).LastIndexOf((byte)'\n') + 1;
            if (whole == 0 && filled == buffer.Length) whole = filled; // no line is that long
            vote.Count(buffer.AsSpan(0, whole));
            buffer.AsSpan(whole, filled - whole).CopyTo(buffer);
            kept = filled - whole;
        }

        vote.Count(buffer.AsSpan(0, kept));
        return isMarked ? FileEncoding.Utf8 : vote.Winner;
    }
}
