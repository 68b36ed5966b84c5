using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace CoopLine.Tests.Fixtures;

/// <summary>A request byte for byte, for what no HTTP client would send.</summary>
internal static class RawRequest
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan UntilHangingUp = TimeSpan.FromMilliseconds(300);

    /// <param name="hangUp">Does not wait for long: the server may be waiting for the rest of the request.</param>
    /// <returns>Status and head of the answer; null when there was none.</returns>
    public static async Task<(int Status, string Head)?> Send(Uri server, byte[] request, bool hangUp = false)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var connection = new TcpClient { NoDelay = true };
        await connection.ConnectAsync(server.Host, server.Port, patience.Token);
        var stream = connection.GetStream();
        try
        {
            await stream.WriteAsync(request, patience.Token);
        }
        catch (IOException)
        {
            // It has heard enough. Its answer may be there nevertheless.
        }

        if (hangUp) patience.CancelAfter(UntilHangingUp);

        return await ReadHead(stream, patience.Token) is { } head
            ? (int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture), head)
            : null;
    }

    public static Task<(int Status, string Head)?> Send(Uri server, string request, bool hangUp = false) =>
        Send(server, Encoding.Latin1.GetBytes(request), hangUp);

    private static async Task<string?> ReadHead(NetworkStream stream, CancellationToken cancellation)
    {
        var read = new byte[16 * 1024];
        var length = 0;
        try
        {
            while (length < read.Length && await stream.ReadAsync(read.AsMemory(length), cancellation) is > 0 and var more)
            {
                length += more;
                var end = read.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
                if (end > 0) return Encoding.Latin1.GetString(read, 0, end);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The connection was reset, or we have waited long enough.
        }

        return null;
    }
}
