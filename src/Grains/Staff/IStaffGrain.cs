using System.Collections.Immutable;

namespace CoopLine.Grains.Staff;

/// <summary>
/// One member of staff: their account, how they sign in, and the browsers in which they are. Who has a key of the configuration has no
/// account here, but sessions. Key: <c>w-</c> + the name in lower case.
/// </summary>
[Alias("coopline.staff-grain")]
public interface IStaffGrain : IGrainWithStringKey
{
    [Alias("read")]
    Task<StaffReport> Read();

    /// <summary>A new account, without a way in yet.</summary>
    /// <returns>False: there is one with this name.</returns>
    [Alias("invite")]
    Task<bool> Invite(StaffProfile profile, string tokenHash, string by);

    /// <summary>A new one-time link for an account that is there; an earlier link is void.</summary>
    /// <returns>False: there is no account.</returns>
    [Alias("invite-again")]
    Task<bool> InviteAgain(string tokenHash, string by);

    /// <returns>Whom the link is for; null when it is void, used or too old.</returns>
    [Alias("invited")]
    Task<StaffProfile?> Invited(string tokenHash);

    /// <summary>Uses the link up. Earlier ways in and sessions end.</summary>
    /// <returns>False: the link is void, used or too old.</returns>
    [Alias("join")]
    Task<bool> Join(string tokenHash, StaffWay way);

    /// <param name="profile">The name in it stays what it was.</param>
    [Alias("change")]
    Task<StaffChange> Change(StaffProfile profile, string by);

    /// <summary>Ends the account with all its sessions. Its name may be given again.</summary>
    [Alias("remove")]
    Task<StaffChange> Remove(string by);

    /// <summary>Counts a try with the password; <see cref="SignIn"/> with it takes the count back.</summary>
    /// <returns>Null: there is no password, or it is not looked at for a while.</returns>
    [Alias("try")]
    Task<StaffPassword?> Try();

    /// <returns>False: the proof is good no more, or was used before.</returns>
    [Alias("sign-in")]
    Task<bool> SignIn(StaffProof proof, string sessionHash, SignInMethod method);

    /// <param name="isUse">False: only looks whether it stands.</param>
    /// <returns>Null: the session is over.</returns>
    [Alias("use")]
    Task<StaffPass?> Use(string sessionHash, bool isUse);

    /// <param name="sessionHash">Null: all.</param>
    [Alias("end")]
    Task End(string? sessionHash, string by);

    [Alias("add-passkey")]
    Task<WayOutcome> AddPasskey(StaffPasskey passkey);

    [Alias("remove-passkey")]
    Task<WayOutcome> RemovePasskey(string id);

    /// <summary>Sets or changes it. All sessions but one end.</summary>
    [Alias("set-password")]
    Task<WayOutcome> SetPassword(StaffPassword password, string sessionHash);
}

/// <summary>How an account is, for its owner and for who manages it.</summary>
/// <param name="Account">Null: there is none.</param>
/// <param name="InvitedUntil">While there is a link that nobody has used.</param>
/// <param name="Sessions">That stand, oldest first.</param>
[GenerateSerializer, Immutable, Alias("coopline.staff-report")]
public sealed record StaffReport(
    [property: Id(0)] StaffProfile? Account,
    [property: Id(1)] DateTimeOffset? InvitedUntil,
    [property: Id(2)] bool HasPassword,
    [property: Id(3)] ImmutableArray<StaffPasskey> Passkeys,
    [property: Id(4)] ImmutableArray<StaffSession> Sessions,
    [property: Id(5)] DateTimeOffset? LockedUntil)
{
    public bool HasWayIn => HasPassword || Passkeys is not [];
}

/// <param name="Account">Null: the session is of somebody who has a key.</param>
[GenerateSerializer, Immutable, Alias("coopline.staff-pass")]
public sealed record StaffPass([property: Id(0)] StaffProfile? Account, [property: Id(1)] SignInMethod Method);

/// <summary>A way in that an account gets.</summary>
[GenerateSerializer, Immutable, Alias("coopline.staff-way")]
public abstract record StaffWay
{
    private protected StaffWay()
    {
    }

    [GenerateSerializer, Immutable, Alias("coopline.staff-way.by-passkey")]
    public sealed record ByPasskey([property: Id(0)] StaffPasskey Passkey) : StaffWay;

    [GenerateSerializer, Immutable, Alias("coopline.staff-way.by-password")]
    public sealed record ByPassword([property: Id(0)] StaffPassword Password) : StaffWay;
}

/// <summary>What was shown at the door, and found good there.</summary>
[GenerateSerializer, Immutable, Alias("coopline.staff-proof")]
public abstract record StaffProof
{
    private protected StaffProof()
    {
    }

    /// <summary>With what the authenticator told this time.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.staff-proof.of-passkey")]
    public sealed record OfPasskey([property: Id(0)] StaffPasskey Passkey) : StaffProof;

    /// <param name="Hash">Of the password that was compared.</param>
    /// <param name="Step">Of the code.</param>
    [GenerateSerializer, Immutable, Alias("coopline.staff-proof.of-password")]
    public sealed record OfPassword([property: Id(0)] string Hash, [property: Id(1)] long Step) : StaffProof;

    /// <summary>A key of the configuration; nobody with an account has one.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.staff-proof.of-key")]
    public sealed record OfKey : StaffProof;
}

[GenerateSerializer, Alias("coopline.staff-change")]
public enum StaffChange
{
    Done,

    /// <summary>There is no account.</summary>
    Unknown,

    /// <summary>Nobody changes their own roles or removes themselves.</summary>
    Oneself,
}

[GenerateSerializer, Alias("coopline.way-outcome")]
public enum WayOutcome
{
    Done,
    Unknown,

    /// <summary>Without it nobody could sign in any more.</summary>
    LastOne,
    TooMany,
}
