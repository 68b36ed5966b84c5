using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;

namespace CoopLine.Grains.Staff;

[GrainType("staff")]
internal sealed class StaffGrain(
    [PersistentState(StateNames.Staff, StateNames.Storage)] IPersistentState<StaffState> stored, TimeProvider clock)
    : StateGrain<StaffState>(stored), IStaffGrain
{
    /// <summary>When each session was last used, to the second; the state has it to the minute.</summary>
    private readonly Dictionary<string, DateTimeOffset> lastUses = [];

    private DateTimeOffset Now => clock.GetUtcNow();

    public async Task<StaffReport> Read()
    {
        await ReadAgain();
        return new(
            State.Account,
            State.Invitation is { Until: var until } && Now < until ? until : null,
            State.Password is not null,
            State.Passkeys,
            [.. State.Sessions.Select(Newest).Where(session => session.Stands(Now))],
            Now < State.LockedUntil ? State.LockedUntil : null);
    }

    public Task<bool> Invite(StaffProfile profile, string tokenHash, string by) => Decide(state => state.Account is not null
        ? (state, false)
        : (state.Invite(profile, tokenHash, Now).Told(LedgerKind.StaffInvited, Now, this.Id(), by, InWords(profile)), true));

    public Task<bool> InviteAgain(string tokenHash, string by) => Decide(state => state.Account is not { } account
        ? (state, false)
        : (state.Invite(account, tokenHash, Now).Told(LedgerKind.StaffInvited, Now, this.Id(), by, InWords(account)), true));

    public async Task<StaffProfile?> Invited(string tokenHash)
    {
        await ReadAgain();
        return State.Invitation?.Is(tokenHash, Now) == true ? State.Account : null;
    }

    public Task<bool> Join(string tokenHash, StaffWay way) => Decide(state => state is { Account: { } account, Invitation: { } invitation } && invitation.Is(tokenHash, Now)
        ? (state.Join(way).Told(LedgerKind.StaffWaysChanged, Now, this.Id(), account.Name), true)
        : (state, false));

    public Task<StaffChange> Change(StaffProfile profile, string by) => Decide(state =>
    {
        if (state.Account is not { } account) return (state, StaffChange.Unknown);
        if (Is(account, by)) return (state, StaffChange.Oneself);
        var changed = profile with { Name = account.Name };
        return (InWords(changed) == InWords(account) && changed.DisplayName == account.DisplayName
            ? state
            : (state with { Account = changed }).Told(LedgerKind.StaffChanged, Now, this.Id(), by, InWords(changed)), StaffChange.Done);
    });

    public Task<StaffChange> Remove(string by) => Decide(state =>
        state.Account is not { } account ? (state, StaffChange.Unknown)
        : Is(account, by) ? (state, StaffChange.Oneself)
        : (state.Remove(Now).Told(LedgerKind.StaffRemoved, Now, this.Id(), by), StaffChange.Done));

    public Task<StaffPassword?> Try() => Decide(state =>
    {
        if (state.Password is not { } password) return (state, (StaffPassword?)null);
        var (next, may) = state.Try(Now);
        return (next, may ? password : null);
    });

    public Task<bool> SignIn(StaffProof proof, string sessionHash, SignInMethod method) => Decide(state =>
        state.Prove(proof) is { } proven ? (proven.Start(new(sessionHash, method, Now, Now)), true) : (state, false));

    public async Task<StaffPass?> Use(string sessionHash, bool isUse)
    {
        await ReadAgain();
        if (State.Sessions.FirstOrDefault(one => one.Hash == sessionHash) is not { } stored || Newest(stored) is not { } session || !session.Stands(Now))
        {
            return null;
        }

        var pass = new StaffPass(State.Account, session.Method);
        if (!isUse) return pass;
        foreach (var ended in lastUses.Keys.Except(State.Sessions.Select(one => one.Hash)).ToArray()) lastUses.Remove(ended);
        lastUses[sessionHash] = Now;
        if (Now >= stored.LastUsedAt + StaffSession.UseIsWrittenEvery)
            await Save(State with { Sessions = State.Sessions.Replace(stored, stored with { LastUsedAt = Now }) });
        return pass;
    }

    public Task End(string? sessionHash, string by) => Decide(state =>
    {
        var next = state.End(sessionHash);
        return ReferenceEquals(next, state) || string.Equals(by, state.Account?.Name ?? this.Id(), StringComparison.OrdinalIgnoreCase)
            ? next
            : next.Told(LedgerKind.StaffSessionsEnded, Now, this.Id(), by);
    });

    public Task<WayOutcome> AddPasskey(StaffPasskey passkey) => ChangeWays(state => state.Add(passkey));

    public Task<WayOutcome> RemovePasskey(string id) => ChangeWays(state => state.RemovePasskey(id));

    public Task<WayOutcome> SetPassword(StaffPassword password, string sessionHash) => ChangeWays(state => state.Account is null
        ? (state, WayOutcome.Unknown)
        : (state with
        {
            Password = password,
            WrongTries = 0,
            LockedUntil = null,
            Sessions = state.Sessions.RemoveAll(session => session.Hash != sessionHash),
        }, WayOutcome.Done));

    private Task<WayOutcome> ChangeWays(Func<StaffState, (StaffState Next, WayOutcome Outcome)> rule) => Decide(state =>
    {
        var (next, outcome) = rule(state);
        return (ReferenceEquals(next, state) ? state : next.Told(LedgerKind.StaffWaysChanged, Now, this.Id(), state.Account!.Name), outcome);
    });

    private StaffSession Newest(StaffSession session) =>
        lastUses.TryGetValue(session.Hash, out var used) && used > session.LastUsedAt ? session with { LastUsedAt = used } : session;

    private static bool Is(StaffProfile account, string by) => string.Equals(account.Name, by, StringComparison.OrdinalIgnoreCase);

    private static string InWords(StaffProfile profile) =>
        string.Join(' ', profile.Roles.Select(EnumNames.Of)) + (profile.Stores is { } stores ? $"; {string.Join(' ', stores)}" : "");
}
