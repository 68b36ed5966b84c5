using System.Collections.Immutable;

namespace CoopLine.Grains.Linking;

/// <summary>Normalised, hashed answers of the link form.</summary>
/// <param name="MemberNumber">1..20 digits.</param>
/// <param name="PhoneHash">Keyed hash, lower-case hex (<see cref="Registry.RegistryHash"/>).</param>
/// <param name="BirthDateHash">Likewise.</param>
/// <param name="Earlier">The same under the keys that were used before, while the registry still has hashes of them; null for none.</param>
[GenerateSerializer, Immutable, Alias("coopline.hashed-answers")]
public sealed record HashedAnswers(
    [property: Id(0)] string MemberNumber,
    [property: Id(1)] string PhoneHash,
    [property: Id(2)] string BirthDateHash,
    [property: Id(3)] ImmutableArray<EarlierHashes>? Earlier = null)
{
    public bool IsPhone(IEnumerable<string> registered) =>
        registered.Any(hash => hash == PhoneHash || Earlier?.Any(earlier => earlier.Phone == hash) == true);

    public bool IsBirthDate(string registered) =>
        registered == BirthDateHash || Earlier?.Any(earlier => earlier.BirthDate == registered) == true;
}

[GenerateSerializer, Immutable, Alias("coopline.earlier-hashes")]
public sealed record EarlierHashes([property: Id(0)] string Phone, [property: Id(1)] string BirthDate);

/// <summary>What the registry says of the answers.</summary>
[GenerateSerializer, Immutable, Alias("coopline.answers-outcome")]
public abstract record AnswersOutcome
{
    private protected AnswersOutcome()
    {
    }

    [GenerateSerializer, Immutable, Alias("coopline.answers-outcome.match")]
    public sealed record Match : AnswersOutcome;

    /// <summary>Some answer differs or is not registered; which one only staff may know.</summary>
    /// <param name="TriesLeft">Wrong answers until the account is locked; null from the number, which does not count them.</param>
    [GenerateSerializer, Immutable, Alias("coopline.answers-outcome.mismatch")]
    public sealed record Mismatch([property: Id(0)] int? TriesLeft = null) : AnswersOutcome;

    /// <param name="TriesLeft">Likewise.</param>
    [GenerateSerializer, Immutable, Alias("coopline.answers-outcome.not-in-registry")]
    public sealed record NotInRegistry([property: Id(0)] int? TriesLeft = null) : AnswersOutcome;

    [GenerateSerializer, Immutable, Alias("coopline.answers-outcome.account-locked")]
    public sealed record AccountLocked([property: Id(0)] DateTimeOffset Until) : AnswersOutcome;

    [GenerateSerializer, Immutable, Alias("coopline.answers-outcome.number-locked")]
    public sealed record NumberLocked([property: Id(0)] DateTimeOffset Until) : AnswersOutcome;

    /// <summary>This LINE account has a link already; unlink first.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.answers-outcome.account-linked")]
    public sealed record AccountAlreadyLinked : AnswersOutcome;

    /// <summary>The number belongs to another LINE account.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.answers-outcome.number-linked")]
    public sealed record NumberAlreadyLinked : AnswersOutcome;

    /// <summary>The session is not the account's newest.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.answers-outcome.session-replaced")]
    public sealed record SessionReplaced : AnswersOutcome;
}

/// <summary>What the link page shows after the form was sent.</summary>
[GenerateSerializer, Immutable, Alias("coopline.link-outcome")]
public abstract record LinkOutcome
{
    private protected LinkOutcome()
    {
    }

    /// <summary>The answers match: the browser goes on to LINE's account-link dialog.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.link-outcome.go-to-line")]
    public sealed record GoToLine([property: Id(0)] Uri Dialog) : LinkOutcome;

    /// <param name="Page">The session, for showing the form again where that helps.</param>
    [GenerateSerializer, Immutable, Alias("coopline.link-outcome.refused")]
    public sealed record Refused([property: Id(0)] AnswersOutcome Why, [property: Id(1)] LinkSessionView Page) : LinkOutcome;

    /// <summary>The session cannot be used (any more).</summary>
    [GenerateSerializer, Immutable, Alias("coopline.link-outcome.session-over")]
    public sealed record SessionOver([property: Id(0)] LinkSessionStatus Status) : LinkOutcome;

    /// <summary>LINE did not issue a link token; the member may press the button again.</summary>
    /// <param name="IsBlocked">LINE issues none for this account until it unblocks ours.</param>
    [GenerateSerializer, Immutable, Alias("coopline.link-outcome.line-unavailable")]
    public sealed record LineUnavailable(
        [property: Id(0)] LinkSessionView Page, [property: Id(1)] bool IsBlocked = false) : LinkOutcome;
}
