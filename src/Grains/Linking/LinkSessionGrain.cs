using CoopLine.Grains.Storage;

namespace CoopLine.Grains.Linking;

[GrainType("link-session")]
internal sealed class LinkSessionGrain(
    [PersistentState(StateNames.LinkSession, StateNames.Storage)] IPersistentState<LinkSessionState> session,
    TimeProvider clock) : StateGrain<LinkSessionState>(session), ILinkSessionGrain
{
    public Task Issue(string account, DateTimeOffset at) => Decide(state => state.Issue(account, at));

    public async Task<LinkSessionView> Open()
    {
        await Decide(state => state.Open(clock.GetUtcNow()));
        return await View();
    }

    public Task<LinkSessionView> View() => Task.FromResult(State.ViewAt(clock.GetUtcNow()));

    public async Task<LinkSessionView> StartDialog(string nonceHash, string member)
    {
        await Decide(state => state.StartDialog(nonceHash, member, clock.GetUtcNow()));
        return await View();
    }

    public Task<NonceOutcome> Consume(string account, string nonceHash, string operation, DateTimeOffset eventAt) =>
        Decide(state => state.Consume(account, nonceHash, operation, eventAt));

    public Task Replace() => Decide(state => state.Replace());
}
