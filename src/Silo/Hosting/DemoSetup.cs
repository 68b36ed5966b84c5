#if DEBUG
using System.Security.Cryptography;
using CoopLine.Grains;
using CoopLine.Grains.Staff;
using CoopLine.Silo.RichMenus;
using CoopLine.Simulator;
using CoopLine.Simulator.Demo;
using CoopLine.Webhook.Console;

namespace CoopLine.Silo.Hosting;

/// <summary>In Development and with no LINE credentials, a simulated LINE platform, phones and a till come along.</summary>
internal static class DemoSetup
{
    private const string SimulatorAddress = "http://localhost:5081";

    private const string OpsAddress = "http://localhost:5082";

    /// <summary>What Orleans does in the background; grains, which are not in the list, follow the demo's clock.</summary>
    private static readonly string[] OrleansOwn =
    [
        TimeProviderNames.Messaging, TimeProviderNames.SystemTimers, TimeProviderNames.Membership,
        TimeProviderNames.GrainDirectory,
    ];

    extension(WebApplicationBuilder builder)
    {
        public void AddDemo()
        {
            if (!builder.Environment.IsDevelopment() || builder.Configuration["CoopLine:Line:ChannelSecret"] is not null) return;

            var simulator = builder.Configuration["CoopLine:Demo:Simulator"] ?? SimulatorAddress;
            var coopLine = builder.Configuration[WebHostDefaults.ServerUrlsKey]!.Split(';')[0];
            var settings = new LineSimulatorOptions
            {
                Url = simulator,
                CoopLineUrl = new Uri(coopLine),
                PosKeys = new Dictionary<string, string> { ["0123"] = "demo-till-0123", ["0456"] = "demo-till-0456" },
                StaffKey = "demo-staff-key-01",
                ApproverKey = "demo-approver-key",
                MemoryFile = Path.Combine(builder.Configuration["CoopLine:DataDirectory"] ?? "data", "demo-line.jsonl"),
                EnvironmentName = builder.Environment.EnvironmentName,
            };
            // First in the list, so that whatever the user sets counts more.
            builder.Configuration.Sources.Insert(0, new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource
            {
                InitialData = new Dictionary<string, string?>(DemoRoles())
                {
                    ["CoopLine:PublicBaseUrl"] = coopLine,
                    ["CoopLine:Ops:Url"] = OpsAddress,
                    ["CoopLine:FrameAncestors"] = $"'self' {simulator}",
                    ["CoopLine:Line:ChannelSecret"] = settings.ChannelSecret,
                    ["CoopLine:Line:ChannelAccessToken"] = settings.ChannelAccessToken,
                    ["CoopLine:Line:LoginChannelId"] = settings.LoginChannelId,
                    ["CoopLine:Line:LiffId"] = settings.LiffId,
                    ["CoopLine:Line:ApiBase"] = simulator,
                    ["CoopLine:Line:DataApiBase"] = simulator,
                    ["CoopLine:Line:AccessBase"] = simulator,
                    ["CoopLine:Line:LiffSdk"] = $"{simulator}/liff/sdk.js",
                    ["CoopLine:Registry:HashKey"] = "demo-registry-hash-key",
                    ["CoopLine:Coop:Name"] = "コープさくら",
                    ["CoopLine:Coop:Phone"] = "0120-000-000",
                    ["CoopLine:Coop:Hours"] = "月~土 9時~18時",
                    ["CoopLine:Staff:ApiKeys:demo"] = settings.StaffKey,
                    ["CoopLine:Staff:ApiKeys:approver"] = settings.ApproverKey,
                    ["CoopLine:Messages:BlockPersons"] = "10", // so that a send can be watched
                    ["CoopLine:Pos:Keys:0123:0"] = "demo-till-0123",
                    ["CoopLine:Pos:Keys:0456:0"] = "demo-till-0456",
                    ["CoopLine:Stores:0123"] = "みどり店",
                    ["CoopLine:Stores:0456"] = "さくら店",
                },
            });
            // The rules follow a clock that the page can move; Orleans keeps real time.
            var clock = new DemoClock();
            builder.Services.AddSingleton(clock);
            builder.Services.AddSingleton<TimeProvider>(clock);
            foreach (var area in OrleansOwn) builder.Services.AddKeyedSingleton(area, TimeProvider.System);
            builder.Services.AddSingleton(settings);
            builder.Services.AddSingleton(new DemoStaff([.. Enum.GetValues<StaffRole>().Select(NameOf)]));
            builder.Services.AddRichMenus();
            builder.Services.AddHostedService<DemoSimulator>();
        }
    }

    private static string NameOf(StaffRole role) => "demo-" + EnumNames.Of(role);

    /// <summary>Somebody of each role, with a key that nobody knows: in the demo, a role is picked.</summary>
    private static IEnumerable<KeyValuePair<string, string?>> DemoRoles() => Enum.GetValues<StaffRole>().SelectMany(role => new[]
    {
        KeyValuePair.Create<string, string?>("CoopLine:Staff:ApiKeys:" + NameOf(role), RandomNumberGenerator.GetHexString(32)),
        KeyValuePair.Create<string, string?>("CoopLine:Staff:Roles:" + NameOf(role), EnumNames.Of(role)),
        KeyValuePair.Create<string, string?>("CoopLine:Staff:Stores:" + NameOf(role), "0123"),
    });
}
#endif
