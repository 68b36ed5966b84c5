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
            file.Encoding = said ?? await file.Copy(csv, Stream.Null, cancellation);
            return file;
        }

        var path = Path.GetTempFileName();
        var temporary = new ImportedFile(
            new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, BufferBytes, FileOptions.DeleteOnClose | FileOptions.Asynchronous),
            Aes.Create());
        try
        {
            await using var sealing = new CryptoStream(
                temporary.stored, temporary.key!.CreateEncryptor(), CryptoStreamMode.Write, leaveOpen: true);
            var found = await temporary.Copy(csv, sealing, cancellation);
            await sealing.FlushFinalBlockAsync(cancellation);
            temporary.Encoding = said ?? found;
            return temporary;
        }
        catch
        {
            await temporary.DisposeAsync();
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

    /// <summary>For tests: what is on the disk.</summary>
    internal async Task<byte[]> StoredBytes(CancellationToken cancellation)
    {
        stored.Position = 0;
        var bytes = new byte[stored.Length];
        await stored.ReadExactlyAsync(bytes, cancellation);
        return bytes;
    }

    public async ValueTask DisposeAsync()
    {
        if (key is null) return; // the stream is somebody else's
        await stored.DisposeAsync();
        key.Dispose();
    }

    private async Task<FileEncoding> Copy(Stream csv, Stream copy, CancellationToken cancellation)
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
