using CoopLine.Grains.Accounts;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Members;
using CoopLine.Grains.Messages;
using CoopLine.Grains.Redemptions;
using CoopLine.Grains.Registry;
using CoopLine.Grains.Storage;
using Microsoft.Extensions.Logging;

namespace CoopLine.Grains;

[GrainType("sweeper")]
internal sealed partial class SweeperGrain(
    IUnfinishedWork work, IRegistry registry, TimeProvider clock, ILogger<SweeperGrain> log) : Grain, ISweeperGrain
{
    private const int Batch = 500;

    /// <summary>Younger states are most likely being worked on.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    /// <summary>So long are sessions and codes kept: LINE may deliver a webhook event again late, and staff may ask about a used code.</summary>
    private static readonly TimeSpan KeepSessionsAndCodes = TimeSpan.FromDays(30);

    /// <summary>Until its digits may be given to somebody else. Nobody asks about a code that was never used.</summary>
    private static readonly TimeSpan KeepUnusedCodes = CouponCodeState.Life + CouponCodeState.Rest;

    /// <summary>How often links are compared and old rows deleted, which costs more than looking for a flag.</summary>
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private DateTimeOffset hourlyAt;

    /// <summary>How many of the oldest this round skips, so that states which cannot be finished do not hide the others.</summary>
    private int passed;

    private long followedVersion = -1;

    public async Task Sweep()
    {
        var now = clock.GetUtcNow();
        var unfinished = await work.Find(now - Settling, Batch, passed);
        if (unfinished is [] && passed > 0) unfinished = await work.Find(now - Settling, Batch, passed = 0);
        passed = unfinished.Length < Batch ? 0 : passed + Batch;
        foreach (var state in unfinished) await Try(() => Grain(state).Finish(), state.StateName);

        var hourly = now - hourlyAt >= Hour;
        if (hourly) await Try(async () => LogPruned(await Prune(now)), "old session or code");
        var version = await registry.Version();
        if (version != followedVersion || hourly)
        {
            if (await FollowRegistry()) followedVersion = version;
        }

        if (hourly) hourlyAt = now;
    }

    private async Task<int> Prune(DateTimeOffset now) =>
        await work.Prune(now - KeepSessionsAndCodes) + await work.PruneUnusedCodes(now - KeepUnusedCodes);

    /// <returns>Whether every link agrees with the registry now.</returns>
    private async Task<bool> FollowRegistry()
    {
        var before = "";
        while (await registry.LinkedButLeft(Batch) is [var first, ..] numbers)
        {
            if (first == before) return false; // The last round did not get rid of it; the next sweep tries again.
            foreach (var number in numbers) await Try(GrainFactory.Member(number).FollowRegistry, StateNames.Member);
            before = first;
        }

        return true;
    }

    private IUnfinishedGrain Grain(UnfinishedState state) => state.StateName switch
    {
        StateNames.LineAccount => GrainFactory.GetGrain<ILineAccountGrain>(state.GrainKey),
        StateNames.Member => GrainFactory.GetGrain<IMemberGrain>(state.GrainKey),
        StateNames.Receipt => GrainFactory.GetGrain<IReceiptGrain>(state.GrainKey),
        StateNames.AutomaticMessage => GrainFactory.GetGrain<IAutomaticMessageGrain>(state.GrainKey),
        StateNames.FriendList => GrainFactory.GetGrain<IFriendListGrain>(state.GrainKey),
        StateNames.Message => GrainFactory.GetGrain<IMessageGrain>(state.GrainKey),
        var other => throw new InvalidOperationException($"State {other} has no work to finish."),
    };

    /// <summary>One that fails must not keep the others waiting; it is found again in the next round.</summary>
    private async Task Try(Func<Task> task, string state)
    {
        try
        {
            await task();
        }
        catch (Exception e)
        {
            LogStillUnfinished(e, state);
        }
    }

    [LoggerMessage(LogLevel.Error, "A {State} could not be finished in this round")]
    private partial void LogStillUnfinished(Exception e, string state);

    [LoggerMessage(LogLevel.Debug, "Deleted {Count} old sessions and codes")]
    private partial void LogPruned(int count);
}
