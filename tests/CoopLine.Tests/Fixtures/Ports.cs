using System.Net;
using System.Net.NetworkInformation;
using System.Security.Cryptography;

namespace CoopLine.Tests.Fixtures;

/// <summary>
/// Ports below those that the system hands out to whoever calls: nobody else takes them meanwhile.
/// </summary>
internal static class Ports
{
    private const int First = 10000;
    private const int Last = 16000;

    private static readonly HashSet<int> Given = [];

    public static int Free()
    {
        var taken = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(one => one.Port).ToHashSet();
        lock (Given)
        {
            while (true)
            {
                var port = RandomNumberGenerator.GetInt32(First, Last);
                if (!taken.Contains(port) && Given.Add(port)) return port;
            }
        }
    }

    public static Uri Http(int port) => new UriBuilder("http", IPAddress.Loopback.ToString(), port).Uri;
}
