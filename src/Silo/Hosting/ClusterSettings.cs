using System.Net;
using System.Net.Sockets;
using CoopLine.Silo.Storage;

namespace CoopLine.Silo.Hosting;

/// <summary>What a process does: <c>CoopLine:Role</c>.</summary>
internal enum Role
{
    /// <summary>Hosts grains and everything the outside can reach. The default, and the only one on SQLite.</summary>
    All,

    /// <summary>Hosts grains; web processes reach them through its gateway. Over HTTP it serves only health checks and metrics.</summary>
    Silo,

    /// <summary>Everything the outside can reach; the grains are in other processes.</summary>
    Web,
}

/// <summary>How this process belongs to its cluster: <c>CoopLine:Role</c> and section <c>CoopLine:Cluster</c>.</summary>
/// <param name="ClusterId">Processes with the same id form one cluster. Default <c>coopline</c>.</param>
/// <param name="Address">Where silos and web processes reach this silo: a loopback or private address. Default <c>127.0.0.1</c>.</param>
/// <param name="SiloPort">For other silos. Default 11111.</param>
/// <param name="GatewayPort">For web processes; 0 opens none. Default 30000 in role <c>silo</c>, else 0.</param>
internal sealed record ClusterSettings(Role Role, string ClusterId, IPAddress Address, int SiloPort, int GatewayPort)
{
    private const int DefaultSiloPort = 11111;
    private const int DefaultGatewayPort = 30000;

    /// <exception cref="InvalidOperationException">A setting cannot work; the message names it.</exception>
    public static ClusterSettings Read(IConfiguration configuration)
    {
        var role = ReadRole(configuration["CoopLine:Role"]);
        if (role != Role.All && !configuration.IsPostgreSql)
        {
            throw new InvalidOperationException(
                $"CoopLine:Role={configuration["CoopLine:Role"]} needs CoopLine:Storage:Provider=PostgreSql: "
                + "a SQLite database belongs to one process, whose role is all.");
        }

        var cluster = configuration.GetSection("CoopLine:Cluster");
        return new(
            role,
            cluster["ClusterId"] is { Length: > 0 } id ? id : "coopline",
            ReadAddress(cluster["Address"] ?? "127.0.0.1"),
            ReadPort(cluster, "SiloPort", DefaultSiloPort, lowest: 1),
            ReadPort(cluster, "GatewayPort", role == Role.Silo ? DefaultGatewayPort : 0, lowest: role == Role.Silo ? 1 : 0));
    }

    private static Role ReadRole(string? text) => text?.ToLowerInvariant() switch
    {
        null or "" or "all" => Role.All,
        "silo" => Role.Silo,
        "web" => Role.Web,
        _ => throw new InvalidOperationException($"CoopLine:Role is all, silo or web, and not {text}."),
    };

    private static int ReadPort(IConfigurationSection cluster, string name, int usual, int lowest) =>
        cluster.GetValue(name, usual) is var port && port >= lowest && port <= ushort.MaxValue
            ? port
            : throw new InvalidOperationException($"CoopLine:Cluster:{name} is a port, {lowest} to {ushort.MaxValue}.");

    /// <summary>Whoever reaches the two ports can call every grain, without a password and in clear text.</summary>
    private static IPAddress ReadAddress(string text)
    {
        if (!IPAddress.TryParse(text, out var address))
            throw new InvalidOperationException($"CoopLine:Cluster:Address is an IP address of this machine, and not {text}.");
        return IsPrivate(address) ? address : throw new InvalidOperationException(
            $"CoopLine:Cluster:Address={text} is not an address of a private network. What listens there has neither "
            + "passwords nor encryption: use 127.0.0.1, or this machine's own address in 10.0.0.0/8, 172.16.0.0/12, "
            + "192.168.0.0/16, 100.64.0.0/10, 169.254.0.0/16, fc00::/7 or fe80::/10.");
    }

    private static bool IsPrivate(IPAddress address)
    {
        if (IPAddress.IsLoopback(address)) return true;
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address.GetAddressBytes() switch
            {
                [10, ..] or [172, >= 16 and <= 31, ..] or [192, 168, ..] or [100, >= 64 and <= 127, ..] or [169, 254, ..] => true,
                _ => false,
            };
        }

        return address.IsIPv4MappedToIPv6
            ? IsPrivate(address.MapToIPv4())
            : address.IsIPv6UniqueLocal || address.IsIPv6LinkLocal;
    }
}
