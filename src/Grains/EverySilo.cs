using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace CoopLine.Grains;

/// <summary>Asks every silo of the cluster for what only its process has.</summary>
public sealed partial class EverySilo(IGrainFactory grains, ILogger<EverySilo> log)
{
    /// <summary>A silo that does not answer is left out.</summary>
    public async Task<IEnumerable<T>> Ask<T>(Func<SiloAddress, Task<ImmutableArray<T>>> ask)
    {
        var silos = await grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true);
        var all = await Task.WhenAll(silos.Keys.Select(async silo =>
        {
            try
            {
                return await ask(silo);
            }
            catch (Exception e) when (e is OrleansException or TimeoutException)
            {
                LogSilent(silo, e.GetType().Name);
                return [];
            }
        }));
        return all.SelectMany(one => one);
    }

    [LoggerMessage(LogLevel.Warning, "Silo {Silo} did not tell what it remembers: {Fault}")]
    private partial void LogSilent(SiloAddress silo, string fault);
}
