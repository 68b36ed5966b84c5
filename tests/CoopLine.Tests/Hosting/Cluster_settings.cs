using CoopLine.Silo.Hosting;

namespace CoopLine.Tests.Hosting;

public sealed class Cluster_settings
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("10.1.2.3")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.254")]
    [InlineData("192.168.1.10")]
    [InlineData("100.64.0.1")]
    [InlineData("169.254.7.7")]
    [InlineData("fd12:3456::1")]
    [InlineData("fe80::1")]
    [InlineData("::ffff:10.0.0.1")]
    public void Private_addresses_are_taken(string address) =>
        Assert.Equal(address, Read(("CoopLine:Cluster:Address", address)).Address.ToString());

    [Theory]
    [InlineData(null, "All", 0)]
    [InlineData("all", "All", 0)]
    [InlineData("Silo", "Silo", 30000)]
    [InlineData("web", "Web", 0)]
    public void A_role_has_its_gateway(string? role, string expected, int gateway)
    {
        var cluster = Read(("CoopLine:Role", role));

        Assert.Equal((expected, "coopline", 11111, gateway),
            (cluster.Role.ToString(), cluster.ClusterId, cluster.SiloPort, cluster.GatewayPort));
    }

    [Fact]
    public void A_whole_process_opens_a_gateway_when_told_so() =>
        Assert.Equal(30001, Read(("CoopLine:Cluster:GatewayPort", "30001")).GatewayPort);

    [Fact]
    public void A_silo_that_no_web_process_can_reach_is_no_role() =>
        Assert.Throws<InvalidOperationException>(() => Read(("CoopLine:Role", "silo"), ("CoopLine:Cluster:GatewayPort", "0")));

    private static ClusterSettings Read(params (string Name, string? Value)[] settings) => ClusterSettings.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Append(("CoopLine:Storage:Provider", "PostgreSql"))
            .Select(one => KeyValuePair.Create(one.Item1, one.Item2))).Build());
}
