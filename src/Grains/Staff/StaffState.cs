using System.Collections.Immutable;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;

namespace CoopLine.Grains.Staff;

/// <summary>An account of a member of staff. Of somebody who has a key of the configuration, only the sessions.</summary>
public sealed record StaffState : StateWithLedger
{
    public const int PasskeysMax = 10;

    private const int SessionsMax = 20;
    private const int TriesMax = 5;

    private static readonly TimeSpan FirstLock = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestLock = TimeSpan.FromHours(1);

    /// <summary>Null: there is no account.</summary>
    public StaffProfile? Account { get; init; }

    public StaffInvitation? Invitation { get; init; }

    public StaffPassword? Password { get; init; }

    public ImmutableArray<StaffPasskey> Passkeys { get; init; } = [];

    public ImmutableArray<StaffSession> Sessions { get; init; } = [];

    /// <summary>Since the last right one.</summary>
    public int WrongTries { get; init; }

    /// <summary>Until then no password is looked at.</summary>
    public DateTimeOffset? LockedUntil { get; init; }

    public DateTimeOffset? RemovedAt { get; init; }

    /// <summary>Counts what the ledger tells, so that each has a row of its own.</summary>
    public int Changes { get; init; }

    public StaffState Invite(StaffProfile profile, string tokenHash, DateTimeOffset now) => this with
    {
        Account = profile,
        Invitation = new(tokenHash, now + StaffInvitation.Life),
        RemovedAt = null,
    };

    /// <summary>Whoever has the link is the account from now on: earlier ways in and sessions are over.</summary>
    public StaffState Join(StaffWay way) => Without() with
    {
        Account = Account,
        Password = (way as StaffWay.ByPassword)?.Password,
        Passkeys = way is StaffWay.ByPasskey { Passkey: var passkey } ? [passkey] : [],
    };

    public StaffState Remove(DateTimeOffset now) => Without() with { RemovedAt = now };

    /// <summary>Counts a try before anybody knows whether it is right, so that many at once are no more than as many one by one.</summary>
    /// <returns>Whether the password may be looked at.</returns>
    public (StaffState Next, bool May) Try(DateTimeOffset now)
    {
        if (now < LockedUntil) return (this, false);
        var tries = WrongTries + 1;
        return (this with { WrongTries = tries, LockedUntil = tries < TriesMax ? null : now + LockAfter(tries) }, true);
    }

    public StaffState Start(StaffSession session) => this with
    {
        Sessions = [.. Sessions.Where(one => one.Stands(session.StartedAt)).TakeLast(SessionsMax - 1), session],
    };

    /// <returns>Null when the proof is not good for this account.</returns>
    public StaffState? Prove(StaffProof proof) => proof switch
    {
        StaffProof.OfKey => Account is null ? this : null,
        StaffProof.OfPassword code when Account is not null && Password is { } password
            && password.Hash == code.Hash && code.Step > password.LastStep =>
            this with { Password = password with { LastStep = code.Step }, WrongTries = 0, LockedUntil = null },
        StaffProof.OfPasskey used when Account is not null && Find(used.Passkey.Id) is { } known =>
            this with { Passkeys = Passkeys.Replace(known, known with { SignCount = used.Passkey.SignCount, Synced = used.Passkey.Synced }) },
        _ => null,
    };

    public StaffPasskey? Find(string passkey) => Passkeys.FirstOrDefault(one => one.Id == passkey);

    public (StaffState Next, WayOutcome Outcome) Add(StaffPasskey passkey) => this switch
    {
        { Account: null } => (this, WayOutcome.Unknown),
        _ when Find(passkey.Id) is not null => (this, WayOutcome.Done),
        { Passkeys.Length: >= PasskeysMax } => (this, WayOutcome.TooMany),
        _ => (this with { Passkeys = Passkeys.Add(passkey) }, WayOutcome.Done),
    };

    public (StaffState Next, WayOutcome Outcome) RemovePasskey(string id)
    {
        if (Find(id) is not { } passkey) return (this, WayOutcome.Unknown);
        if (Passkeys.Length == 1 && Password is null) return (this, WayOutcome.LastOne);
        return (this with { Passkeys = Passkeys.Remove(passkey) }, WayOutcome.Done);
    }

    /// <param name="session">Null: all.</param>
    public StaffState End(string? session) =>
        Sessions.Any(one => session is null || one.Hash == session)
            ? this with { Sessions = session is null ? [] : Sessions.RemoveAll(one => one.Hash == session) }
            : this;

    /// <summary>Says in the ledger what was done.</summary>
    public StaffState Told(LedgerKind kind, DateTimeOffset at, string id, string by, string? reason = null)
    {
        var about = LedgerRow.OfStaff + id;
        return this with
        {
            Changes = Changes + 1,
            Ledger = [LedgerRow.OfChange(kind, $"{about}|{Changes + 1}", about, at, by) with { Reason = reason }],
        };
    }

    private StaffState Without() => new() { Changes = Changes };

    private static TimeSpan LockAfter(int tries)
    {
        var doubled = FirstLock * Math.Pow(2, Math.Min(tries - TriesMax, 10));
        return doubled < LongestLock ? doubled : LongestLock;
    }
}
