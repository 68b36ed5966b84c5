using System.Diagnostics.Metrics;
using CoopLine.Grains;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Ledger;

namespace CoopLine.Silo.Monitoring;

/// <summary>
/// Tells every ten seconds how much of what campaigns limit is given away. Every process with grains tells the same numbers; take
/// the largest, not the sum.
/// </summary>
internal sealed partial class GivenAway : Rounds
{
    private readonly ICampaignReader campaigns;
    private readonly ICampaignCounts counts;
    private readonly CoopTime time;
    private readonly TimeProvider clock;
    private readonly ILogger<GivenAway> log;
    private Measurement<double>[] shares = [];

    public GivenAway(
        ICampaignReader campaigns, ICampaignCounts counts, CoopTime time, TimeProvider clock, IMeterFactory meters, ILogger<GivenAway> log)
        : base(TimeSpan.FromSeconds(10), TimeProvider.System, atOnce: true)
    {
        (this.campaigns, this.counts, this.time, this.clock, this.log) = (campaigns, counts, time, clock, log);
        meters.Create(Telemetry.Name).CreateObservableGauge(
            "coopline.campaign.given", () => shares, "{share}",
            "Share of what a campaign limits that is given away, uses or yen, whichever is more: in all, on this day, or in its fullest store.");
    }

    protected override async Task Round(CancellationToken stopping)
    {
        var now = clock.GetUtcNow();
        var limited = (await campaigns.All(stopping)).Where(campaign => campaign.IsLimitedAt(now)).ToArray();
        var stock = await Stock.Read(counts, limited, time.DayOf(now), stores: true, stopping);
        shares =
        [
            .. from campaign in limited
               from level in stock.Levels(campaign).Concat(Fullest(stock.StoreLevels(campaign)))
               select new Measurement<double>(
                   level.Share,
                   new KeyValuePair<string, object?>("coopline.campaign.id", campaign.Id),
                   new KeyValuePair<string, object?>("coopline.limit", Name(level.Scope))),
        ];
    }

    /// <summary>A series for every store would be too many.</summary>
    private static IEnumerable<StockLevel> Fullest(IEnumerable<StockLevel> stores) => stores.OrderByDescending(level => level.Share).Take(1);

    private static string Name(string scope) => scope == CountScope.All ? "total" : scope.Split('/')[0];

    /// <summary>The database does not answer: then nothing is told, rather than something old.</summary>
    protected override void Failed(Exception fault)
    {
        LogNotRead(fault);
        shares = [];
    }

    [LoggerMessage(LogLevel.Warning, "What campaigns have given away could not be read")]
    private partial void LogNotRead(Exception e);
}
