using CoopLine.Grains;
using CoopLine.Webhook.Edge;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Console;

/// <summary>As long as nobody has an account, each start writes a link into the log that makes the first one.</summary>
internal sealed partial class FirstAccount(IGrainFactory grains, Patience patience, IOptions<SiteOptions> site, ILogger<FirstAccount> log) : BackgroundService
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var tries = new PeriodicTimer(BetweenTries, TimeProvider.System);
        try
        {
            while (!await TryOffer()) await tries.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return; // The host stops.
        }
    }

    /// <returns>False: the cluster or its database is not there yet.</returns>
    private async Task<bool> TryOffer()
    {
        try
        {
            var token = Tokens.New();
            if (await patience.Repeat(() => grains.StaffDirectory.OfferFirst(Tokens.HashOf(token))))
                LogLink(new(site.Value.PublicBaseUrl, InvitationEndpoints.Address(token, account: null)));
            return true;
        }
        catch (Exception e) when (FaultHandler.IsUnavailable(e) || e is InvalidOperationException)
        {
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "No member of staff has an account yet. This link makes the first one, once and within 24 hours: {Link}")]
    private partial void LogLink(Uri link);
}
