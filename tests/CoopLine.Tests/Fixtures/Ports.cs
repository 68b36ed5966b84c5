using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace CoopLine.Tests.Fixtures;

/// <summary>
/// Ports for servers that must know theirs before they start. They lie below those that the system hands out to callers,
/// the system is asked whether one is free, and a locked file keeps it for this process among all test runs of this machine.
/// </summary>
internal static class Ports
{
    private const int First = 10000;
    private const int Last = 20000;

    private static readonly string Folder = Directory.CreateDirectory($"/tmp/coopline-ports-{Environment.UserName}").FullName;
    private static readonly List<FileStream> Kept = [];

    public static int Free()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(First, Last);
            if (Keep(port) is not { } file) continue;
            lock (Kept) Kept.Add(file);
            if (IsFree(port)) return port;
        }
    }

    public static Uri Http(int port) => new UriBuilder("http", IPAddress.Loopback.ToString(), port).Uri;

    /// <returns>Null when another process, or this one, has it.</returns>
    private static FileStream? Keep(int port)
    {
        try
        {
            return new(Path.Combine(Folder, $"{port}"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static bool IsFree(int port)
    {
        using var asking = new TcpListener(IPAddress.Any, port);
        try
        {
            asking.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
