using System.Text.Json;

namespace CoopLine.Simulator.Line;

/// <summary>
/// What LINE must not forget when the process is killed that it shares with CoopLine in the demo: who is a friend, and which messages to
/// many it took, under which keys. A file with a line of JSON for each, written before LINE answers.
/// </summary>
internal sealed class Memory : IDisposable
{
    private readonly Lock gate = new();
    private readonly FileStream? file;

    /// <param name="path">Null: nothing is kept.</param>
    public Memory(string? path)
    {
        if (path is null) return;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        Kept = File.Exists(path) ? [.. File.ReadLines(path).Select(Read).OfType<Entry>()] : [];
        file = new(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        file.Write("\n"u8); // The line before may be half a line.
    }

    /// <summary>Of the processes before this one, oldest first.</summary>
    public IReadOnlyList<Entry> Kept { get; } = [];

    public void Keep(Entry entry)
    {
        if (file is null) return;
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(entry), (byte)'\n'];
        lock (gate) file.Write(line);
    }

    public void Dispose() => file?.Dispose();

    private static Entry? Read(string line)
    {
        try
        {
            return line.Length == 0 ? null : JsonSerializer.Deserialize<Entry>(line);
        }
        catch (JsonException)
        {
            return null; // Its writer was killed.
        }
    }

    /// <summary>One of the three.</summary>
    /// <param name="Demo">Id of the newest message to many that the showroom ordered.</param>
    public sealed record Entry(Friend? Friend = null, Taken? Taken = null, string? Demo = null);

    public sealed record Friend(string UserId, string Name, bool IsOnPage, bool IsBlocking);

    public sealed record Taken(Guid Key, string RequestId, byte[] Body, DateTimeOffset At);
}
