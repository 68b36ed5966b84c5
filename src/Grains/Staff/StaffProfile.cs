using System.Collections.Immutable;

namespace CoopLine.Grains.Staff;

/// <summary>Who a member of staff is, and what their work is.</summary>
/// <param name="Name">As the ledger has it. Two names that differ in capitals only are one.</param>
/// <param name="DisplayName">As colleagues read it.</param>
/// <param name="Roles">At least one.</param>
/// <param name="Stores">Of the roles that are for some stores; null for all stores.</param>
[GenerateSerializer, Immutable, Alias("coopline.staff-profile")]
public sealed record StaffProfile(
    [property: Id(0)] string Name,
    [property: Id(1)] string DisplayName,
    [property: Id(2)] ImmutableArray<StaffRole> Roles,
    [property: Id(3)] ImmutableArray<string>? Stores);

/// <summary>A one-time link. Whoever has its token may give the account a way in.</summary>
/// <param name="TokenHash">SHA-256 of the token, 64 hexadecimal digits.</param>
[GenerateSerializer, Immutable, Alias("coopline.staff-invitation")]
public sealed record StaffInvitation([property: Id(0)] string TokenHash, [property: Id(1)] DateTimeOffset Until)
{
    public static readonly TimeSpan Life = TimeSpan.FromHours(24);

    public bool Is(string tokenHash, DateTimeOffset now) => TokenHash == tokenHash && now < Until;
}

/// <summary>A password and the app that shows codes: neither opens anything without the other.</summary>
/// <param name="Hash">As ASP.NET Core Identity's hasher makes it.</param>
/// <param name="SealedKey">Of the codes, sealed outside of the grains.</param>
/// <param name="LastStep">Of the newest code that was accepted: neither it nor an older one is again.</param>
[GenerateSerializer, Immutable, Alias("coopline.staff-password")]
public sealed record StaffPassword(
    [property: Id(0)] string Hash, [property: Id(1)] string SealedKey, [property: Id(2)] long LastStep);

/// <param name="Id">The authenticator's name for it, base64url.</param>
/// <param name="PublicKey">COSE, base64.</param>
/// <param name="SignCount">As the authenticator last told it; 0 for those that do not count.</param>
/// <param name="Synced">Whether it may be, and whether it is, copied to other devices.</param>
[GenerateSerializer, Immutable, Alias("coopline.staff-passkey")]
public sealed record StaffPasskey(
    [property: Id(0)] string Id,
    [property: Id(1)] string PublicKey,
    [property: Id(2)] uint SignCount,
    [property: Id(3)] PasskeySync Synced,
    [property: Id(4)] string Name,
    [property: Id(5)] DateTimeOffset AddedAt);

[GenerateSerializer, Alias("coopline.passkey-sync")]
public enum PasskeySync
{
    Never,
    Possible,
    Done,
}

/// <summary>One browser that is signed in.</summary>
/// <param name="Hash">SHA-256 of what its cookie holds, 64 hexadecimal digits.</param>
/// <param name="LastUsedAt">Written once a minute at most.</param>
[GenerateSerializer, Immutable, Alias("coopline.staff-session")]
public sealed record StaffSession(
    [property: Id(0)] string Hash,
    [property: Id(1)] SignInMethod Method,
    [property: Id(2)] DateTimeOffset StartedAt,
    [property: Id(3)] DateTimeOffset LastUsedAt)
{
    /// <summary>So long nobody may have done anything.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromMinutes(10);

    /// <summary>So long it lasts at most, whatever is done.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(10);

    public static readonly TimeSpan UseIsWrittenEvery = TimeSpan.FromMinutes(1);

    public bool Stands(DateTimeOffset now) => now < LastUsedAt + Idle && now < StartedAt + Longest;
}

[GenerateSerializer, Alias("coopline.sign-in-method")]
public enum SignInMethod
{
    Passkey,
    Password,

    /// <summary>A staff key of the configuration.</summary>
    Key,

    /// <summary>A role was picked, in the demo.</summary>
    Demo,
}
