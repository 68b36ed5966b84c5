using System.Collections.Frozen;
using System.Diagnostics;
using CoopLine.Grains;
using OpenTelemetry;

namespace CoopLine.Silo.Monitoring;

/// <summary>
/// Takes out of every span what is not known to be free of personal data, before anybody else sees it: Orleans writes grain
/// keys into its spans (member numbers, codes, LINE user ids), ASP.NET addresses, and both the texts of exceptions.
/// </summary>
internal sealed class Scrubber : BaseProcessor<Activity>
{
    /// <summary>docs/telemetry.md says what they hold. Everything of our own begins with <c>coopline.</c></summary>
    private static readonly FrozenSet<string> Known = new[]
    {
        "error.type", "exception.type", "http.request.method", "http.response.status_code", "http.route", "network.protocol.version",
        "orleans.storage.provider", "orleans.storage.state.name", "rpc.method", "rpc.service", "rpc.system", "rpc.system.name",
        "server.port", "url.scheme",
    }.ToFrozenSet();

    public override void OnEnd(Activity data)
    {
        List<string>? unknown = null;
        foreach (ref readonly var tag in data.EnumerateTagObjects())
            if (!Known.Contains(tag.Key) && !tag.Key.StartsWith("coopline.", StringComparison.Ordinal)) (unknown ??= []).Add(tag.Key);
        foreach (var key in unknown ?? []) data.SetTag(key, null);
        if (data.StatusDescription is { } words) data.SetStatus(data.Status, PersonalData.Mask(words));
    }
}
