using CoopLine.Simulator;

namespace CoopLine.ClusterTests.Fixtures;

/// <summary>What every process is told, whatever it writes to.</summary>
internal static class SiloSettings
{
    /// <param name="address">Where the public reaches it.</param>
    /// <param name="data">Its folder.</param>
    public static Dictionary<string, string> Of(LineSimulator line, Uri address, string data)
    {
        var settings = new Dictionary<string, string>
        {
            ["CoopLine:DataDirectory"] = data,
            ["CoopLine:PublicBaseUrl"] = address.ToString(),
            ["CoopLine:Line:ChannelSecret"] = line.Options.ChannelSecret,
            ["CoopLine:Line:ChannelAccessToken"] = line.Options.ChannelAccessToken,
            ["CoopLine:Line:ApiBase"] = line.BaseAddress.ToString(),
            ["CoopLine:Line:AccessBase"] = line.BaseAddress.ToString(),
            ["CoopLine:Line:LoginChannelId"] = line.Options.LoginChannelId,
            ["CoopLine:Line:LiffId"] = line.Options.LiffId,
            ["CoopLine:Registry:HashKey"] = "test-registry-hash-key",
            ["CoopLine:Registry:MembersPerBirthDate"] = "10000", // all members of the tests have the same
            ["CoopLine:Coop:Name"] = "コープさくら",
            ["CoopLine:Coop:Phone"] = "0120-000-111",
            ["CoopLine:Coop:Hours"] = "月~土 9時~18時",
            ["CoopLine:Staff:ApiKeys:tester"] = RunningCluster.StaffKey,
            ["CoopLine:Staff:ApiKeys:approver"] = RunningCluster.ApproverKey,
            ["CoopLine:RateLimits:TillPerSecond"] = "100000",
            ["CoopLine:RateLimits:StaffPerSecond"] = "100000",
            ["CoopLine:RateLimits:PagesPerSecond"] = "100000",
        };
        foreach (var store in RunningCluster.Stores) settings[$"CoopLine:Pos:Keys:{store}:0"] = RunningCluster.TillKeyOf(store);
        return settings;
    }
}
