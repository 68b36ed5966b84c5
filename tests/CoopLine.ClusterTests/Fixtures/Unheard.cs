using System.Net.Sockets;

namespace CoopLine.ClusterTests.Fixtures;

/// <summary>What a call throws that met a process which was ending, or nobody.</summary>
internal static class Unheard
{
    /// <summary>The request has not been sent. A process that dies in the very moment of connecting shows as a bare socket's error.</summary>
    public static bool IsNotSent(Exception e) => e is SocketException or HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError };

    public static bool IsCut(Exception e) => e is SocketException or HttpRequestException;
}
