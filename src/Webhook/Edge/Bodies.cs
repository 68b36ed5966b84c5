using System.IO.Pipelines;

namespace CoopLine.Webhook.Edge;

internal static class Bodies
{
    /// <summary>Reads as it arrives, so that nobody gets room for what he only announces.</summary>
    /// <param name="most">Bytes after which reading ends.</param>
    /// <returns>What there is, not consumed yet: the whole body, or more than <paramref name="most"/>.</returns>
    public static async ValueTask<ReadResult> ReadWhole(this PipeReader body, int most, CancellationToken cancellation)
    {
        var read = await body.ReadAsync(cancellation);
        while (!read.IsCompleted && read.Buffer.Length <= most)
        {
            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            read = await body.ReadAsync(cancellation);
        }

        return read;
    }
}
