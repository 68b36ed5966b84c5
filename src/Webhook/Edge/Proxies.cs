using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using IPNetwork = System.Net.IPNetwork;

namespace CoopLine.Webhook.Edge;

/// <summary>
/// <c>CoopLine:KnownProxies:{n}</c>: addresses or networks (<c>10.0.0.5</c>, <c>172.30.5.0/24</c>) of the reverse proxies in front. What they
/// say in <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> is believed, and nobody else's word is. Default none.
/// </summary>
internal static class Proxies
{
    private const string Setting = "CoopLine:KnownProxies";

    private static readonly TimeSpan RememberHttps = TimeSpan.FromDays(365);

    public static void AddProxies(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ForwardedHeadersOptions>().Configure(forwarded =>
        {
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            forwarded.ForwardLimit = null; // through as many known proxies as there are, and no further
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var proxy in configuration.GetSection(Setting).GetChildren())
                forwarded.KnownIPNetworks.Add(Network(proxy.Path, proxy.Value));
        }).ValidateOnStart();
        services.AddHsts(https => https.MaxAge = RememberHttps);
    }

    /// <summary>First of all: everything behind it sees the member's address, and whether the member came by https.</summary>
    public static void UseProxies(this IApplicationBuilder app)
    {
        // Without known proxies the middleware would believe everybody.
        if (app.ApplicationServices.GetRequiredService<IOptions<ForwardedHeadersOptions>>().Value.KnownIPNetworks.Count > 0)
            app.UseForwardedHeaders();
        app.UseHsts();
    }

    private static IPNetwork Network(string setting, string? text)
    {
        if (IPNetwork.TryParse(text, out var network)) return network;
        if (IPAddress.TryParse(text, out var address)) return new(address, 8 * address.GetAddressBytes().Length);
        throw new OptionsValidationException(
            Options.DefaultName, typeof(ForwardedHeadersOptions),
            [$"{setting}={text} is neither an address nor a network, such as 10.0.0.5 or 172.30.5.0/24."]);
    }
}
