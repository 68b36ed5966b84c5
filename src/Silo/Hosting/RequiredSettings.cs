using System.Text;
using CoopLine.Grains.Registry;
using CoopLine.Silo.Storage;

namespace CoopLine.Silo.Hosting;

/// <summary>Settings without which nothing starts. None has a default: a secret that everybody knows is none.</summary>
internal static class RequiredSettings
{
    private static readonly (string Name, string Meaning)[] All =
    [
        ("CoopLine:PublicBaseUrl", "the address under which members reach this service"),
        ("CoopLine:Line:ChannelSecret", "secret of the Messaging API channel"),
        ("CoopLine:Line:ChannelAccessToken", "channel access token, or CoopLine:Line:ChannelId to have tokens issued"),
        ("CoopLine:Line:LoginChannelId", "id of the LINE Login channel"),
        ("CoopLine:Line:LiffId", "id of the LIFF app of the coupon page"),
        ("CoopLine:Registry:HashKey", "key of at least 16 characters for hashing phones and birth dates"),
        ("CoopLine:Coop:Name", "the co-op's name, as members read it"),
        ("CoopLine:Coop:Phone", "whom members call"),
        ("CoopLine:Coop:Hours", "when they can call"),
        ("CoopLine:Staff:ApiKeys", "at least one staff key: name and key"),
        ("CoopLine:Pos:Keys", "at least one till key: store and key"),
    ];

    /// <summary>For commands that do nothing but speak to LINE.</summary>
    /// <exception cref="MissingSettingsException">The message names each one that is missing.</exception>
    public static void CheckLine(IConfiguration configuration) =>
        Check(configuration, All.Where(setting => setting.Name.StartsWith("CoopLine:Line:", StringComparison.Ordinal)));

    /// <exception cref="MissingSettingsException">The message names each one that is missing.</exception>
    public static void Check(IConfiguration configuration)
    {
        IEnumerable<(string Name, string Meaning)> all = configuration.IsPostgreSql
            ? [.. All, ("ConnectionStrings:CoopLine", "where the PostgreSQL database is, and who the service is there")]
            : All;
        Check(configuration, all);
    }

    private static void Check(IConfiguration configuration, IEnumerable<(string Name, string Meaning)> all)
    {
        var missing = all.Where(setting => IsMissing(configuration, setting.Name)).ToArray();
        if (missing.Length > 0)
            throw new MissingSettingsException(missing.Select(setting => $"{setting.Name} ({setting.Meaning})"));
    }

    private static bool IsMissing(IConfiguration configuration, string name)
    {
        var section = configuration.GetSection(name);
        if (name == "CoopLine:Line:ChannelAccessToken" && configuration["CoopLine:Line:ChannelId"] is { Length: > 0 })
            return false;
        // Too short a key would be noticed only by the first member who links.
        if (name == "CoopLine:Registry:HashKey" && section.Value is { } key)
            return Encoding.UTF8.GetByteCount(key) < RegistryHash.KeyMinBytes;
        return string.IsNullOrWhiteSpace(section.Value) && !section.GetChildren().Any();
    }
}

/// <summary>The operator has to set something first.</summary>
public sealed class MissingSettingsException(IEnumerable<string> settings) : Exception(
    "CoopLine cannot start. Set these (as environment variables, write __ for :):" + Environment.NewLine
    + string.Join(Environment.NewLine, settings.Select(setting => "  " + setting)));
