using CoopLine.Grains.Storage;

namespace CoopLine.Grains.Linking;

[GrainType("link-session")]
internal sealed class LinkSessionGrain(
    [PersistentState(StateNames.LinkSession, StateNames.Storage)] IPersistentState<LinkSessionState> session,
    TimeProvider clock) : StateGrain<LinkSessionState>(session), ILinkSessionGrain
{
    public Task Issue(string account, DateTimeOffset at) => Save(State.Issue(account, at));

    public async Task<LinkSessionView> Open()
    {
        await Save(State.Open(clock.GetUtcNow()));
        return await View();
    }

    public Task<LinkSessionView> View() => Task.FromResult(State.ViewAt(clock.GetUtcNow()));

    public async Task<LinkSessionView> StartDialog(string nonceHash, string member)
    {
        await Save(State.StartDialog(nonceHash, member, clock.GetUtcNow()));
        return await View();
    }

    public async Task<NonceOutcome> Consume(string account, string nonceHash, string operation, DateTimeOffset eventAt)
    {
        var (next, outcome) = State.Consume(account, nonceHash, operation, eventAt);
        await Save(next);
        return outcome;
    }

    public Task Replace() => Save(State.Replace());
}
