using CoopLine.Grains.Ledger;
using CoopLine.Grains.Line;
using CoopLine.Grains.Storage;
using Microsoft.Extensions.Logging;

namespace CoopLine.Grains.Accounts;

[GrainType("friend-list")]
internal sealed partial class FriendListGrain(
    [PersistentState(StateNames.FriendList, StateNames.Storage)] IPersistentState<FriendListState> stored,
    LineSendingClient line, TimeProvider clock, ILogger<FriendListGrain> log) : StateGrain<FriendListState>(stored), IFriendListGrain
{
    private const int AtOnce = 50;

    public async Task<FriendList> Start(string staff)
    {
        await ReadAgain();
        if (!State.Pending)
        {
            var now = clock.GetUtcNow();
            await Save(new()
            {
                List = new(FriendListStatus.Reading, staff, now, null, 0, 0),
                Readings = State.Readings + 1,
                Ledger = [LedgerRow.OfChange(LedgerKind.FriendsRead, $"{State.Readings + 1}", about: null, now, staff)],
            });
        }

        GoOn();
        return State.List!;
    }

    public async Task<FriendList?> Read()
    {
        await ReadAgain();
        return State.List;
    }

    public async Task Finish()
    {
        await ReadAgain();
        if (!State.Pending) return;
        switch (await line.Followers(State.Next))
        {
            case FollowersOutcome.Page page:
                await Take(page);
                GoOn();
                return;
            case FollowersOutcome.Expired:
                LogExpired();
                await Save(State with { Next = null, List = State.List! with { Friends = 0 } });
                GoOn();
                return;
            case FollowersOutcome.NotAllowed:
                await Save(State with { List = Ended(FriendListStatus.NotAllowed) });
                return;
            default:
                return; // The sweeper comes back.
        }
    }

    private async Task Take(FollowersOutcome.Page page)
    {
        var added = 0;
        foreach (var some in page.Accounts.Chunk(AtOnce))
            added += (await Task.WhenAll(some.Select(account => GrainFactory.Account(account).Befriend()))).Count(isNew => isNew);
        var list = page.Next is null ? Ended(FriendListStatus.Done) : State.List!;
        await Save(State with
        {
            Next = page.Next,
            List = list with { Friends = list.Friends + page.Accounts.Length, Added = list.Added + added },
        });
    }

    private FriendList Ended(FriendListStatus status) => State.List! with { Status = status, EndedAt = clock.GetUtcNow() };

    /// <summary>In a turn of its own, so that staff can ask how far it is.</summary>
    private void GoOn()
    {
        if (State.Pending) this.AsReference<IFriendListGrain>().Finish().Ignore();
    }

    [LoggerMessage(LogLevel.Warning, "LINE has forgotten where its list of friends was read up to; it is read from the beginning")]
    private partial void LogExpired();
}
