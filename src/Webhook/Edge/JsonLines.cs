using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace CoopLine.Webhook.Edge;

/// <summary>A body of many JSON texts, one a line (<see href="https://jsonlines.org">JSON Lines</see>), of whatever length.</summary>
internal static class JsonLines
{
    /// <summary>Bytes.</summary>
    public const int LineMax = 256 * 1024;

    /// <summary>Each line, also one without anything. It is there until the next one is asked for.</summary>
    /// <returns>Numbers from 1; and of a line that is too long more than <see cref="LineMax"/> bytes of it.</returns>
    public static async IAsyncEnumerable<(int Number, ReadOnlySequence<byte> Text)> Read(
        PipeReader body, [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var number = 1; ; number++)
        {
            var read = await body.ReadAsync(cancellation);
            while (read.Buffer.PositionOf((byte)'\n') is null && !read.IsCompleted && read.Buffer.Length <= LineMax)
            {
                body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                read = await body.ReadAsync(cancellation);
            }

            var end = read.Buffer.PositionOf((byte)'\n');
            var line = end is { } there ? read.Buffer.Slice(0, there) : read.Buffer;
            try
            {
                if (end is not null || !line.IsEmpty) yield return (number, line);
            }
            finally
            {
                body.AdvanceTo(end is { } feed ? read.Buffer.GetPosition(1, feed) : read.Buffer.End);
            }

            if (end is null) yield break;
        }
    }

    public static bool IsEmpty(ReadOnlySequence<byte> line) => line.Length == 0 || (line.Length == 1 && line.FirstSpan is [(byte)'\r']);
}
