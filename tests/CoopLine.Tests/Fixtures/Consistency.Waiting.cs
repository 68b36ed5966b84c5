using CoopLine.Grains;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Registry;
using CoopLine.Silo.Storage;

namespace CoopLine.Tests.Fixtures;

internal sealed partial class Consistency
{
    private const int SweepsMax = 20;

    /// <summary>The sweeper leaves alone what was written in the last five seconds.</summary>
    private static readonly TimeSpan UntilSwept = TimeSpan.FromSeconds(6);

    /// <summary>Waits until nothing is left to do, and checks the whole database.</summary>
    public static async Task Check(RunningSystem coop, params Host[] hosts)
    {
        await Finished(coop, hosts);
        var services = coop.Host.Services;
        await Check(
            services.GetRequiredService<Database>(), services.GetRequiredService<ILedger>(), services.GetRequiredService<IRegistry>(),
            services.GetRequiredService<ICampaignCounts>());
    }

    /// <summary>Waits, write by write, until nothing is pending; the sweepers find what a failed write left behind.</summary>
    public static async Task Finished(RunningSystem coop, params Host[] hosts)
    {
        for (var round = 0; await Pending(coop) is { Count: > 0 } left; round++)
        {
            if (round == SweepsMax) throw new TimeoutException($"Still pending: {string.Join(" | ", left)}");
            coop.Faults.ForgetFailed();
            coop.Clock.Advance(UntilSwept);
            foreach (var host in hosts is [] ? [coop.Host] : hosts) await host.Grains.Sweeper.Sweep();
        }
    }

    /// <summary>Waits until nothing is pending or something has failed.</summary>
    public static Task FinishedOrFailed(RunningSystem coop) => Pending(coop);

    /// <returns>What is pending, as soon as nothing is or a write has failed.</returns>
    private static async Task<List<StoredState>> Pending(RunningSystem coop)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        while (true)
        {
            var written = coop.Faults.NextWrite;
            var pending = await StoredState.Pending(coop.Host.Services.GetRequiredService<Database>());
            if (pending.Count == 0 || coop.Faults.Failed > 0) return pending;
            if (patience.IsCancellationRequested) throw new TimeoutException($"Written again and again, and still pending: {string.Join(" | ", pending)}");
            await Faults.Until(written, $"Still pending: {string.Join(" | ", pending)}");
        }
    }
}
