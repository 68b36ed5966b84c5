using System.Collections.Immutable;

namespace CoopLine.Grains.Members;

/// <summary>Finds and takes out what the database has of a person who has left and is to be forgotten.</summary>
public interface IErasures
{
    /// <summary>What the number is tied to.</summary>
    Task<Ties> Find(string number);

    /// <summary>
    /// Notes under keyed hashes which campaigns were used, by number and by account. From then on the use counts, whether or
    /// not anybody still knows whose it was.
    /// </summary>
    Task Mark(ImmutableArray<string> numbers);

    /// <summary>
    /// Takes the person out, all of it or nothing: pseudonyms that nobody can turn back take the place of number, account and
    /// link, and the member's state is deleted.
    /// </summary>
    /// <param name="version">Of the member's state.</param>
    /// <returns>False when somebody is still working with it: nothing was done, try again later.</returns>
    Task<bool> TakeOut(string number, Erasing erasing, int version);

    /// <summary>Deletes the state of a LINE account that is tied to no number, and its other traces.</summary>
    /// <param name="version">Of the account's state.</param>
    /// <returns>False when the state has changed: nothing was done.</returns>
    Task<bool> TakeOutAccount(string account, int version);

    /// <returns>When the number was last erased; null for never.</returns>
    Task<Erasure?> Of(string number);

    /// <param name="people">Member numbers and LINE accounts.</param>
    /// <returns>Those of the campaigns that one of these people used before being erased.</returns>
    Task<ImmutableHashSet<string>> UsedBefore(IReadOnlyCollection<string> campaigns, IReadOnlyCollection<string> people);
}

/// <param name="Numbers">The number, and those that it replaced.</param>
/// <param name="Accounts">LINE accounts that were ever linked to one of them.</param>
/// <param name="Rows">Whether the ledger has rows of one of them.</param>
public sealed record Ties(ImmutableArray<string> Numbers, ImmutableArray<string> Accounts, bool Rows);

/// <param name="By">Name of the staff key.</param>
[GenerateSerializer, Immutable, Alias("coopline.erasure")]
public sealed record Erasure([property: Id(0)] DateTimeOffset At, [property: Id(1)] string By);

/// <summary>An erasure that has begun. It is finished by itself.</summary>
/// <param name="Numbers">The number, and those that it replaced.</param>
/// <param name="Accounts">LINE accounts that have not forgotten the numbers yet.</param>
/// <param name="ForgottenAt">When the last of them had; null before that, and when there was none.</param>
public sealed record Erasing(
    DateTimeOffset At,
    string By,
    ImmutableArray<string> Numbers,
    ImmutableArray<string> Accounts,
    DateTimeOffset? ForgottenAt = null)
{
    /// <summary>
    /// Until no code that an account got before it forgot is good any more (five minutes), no till's call is under way with
    /// one, and no process remembers one.
    /// </summary>
    public static readonly TimeSpan Wait = TimeSpan.FromMinutes(15);

    public Erasing Forgotten(string account, DateTimeOffset now) => Accounts.Contains(account)
        ? this with { Accounts = Accounts.Remove(account), ForgottenAt = Accounts.Length == 1 ? now : null }
        : this;
}

[GenerateSerializer, Immutable, Alias("coopline.erasure-outcome")]
public abstract record ErasureOutcome
{
    private protected ErasureOutcome()
    {
    }

    /// <summary>It has begun, now or earlier, and is finished by itself.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.erasure-outcome.erased")]
    public sealed record Erased : ErasureOutcome;

    /// <summary>The registry says that the person has not left.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.erasure-outcome.still-a-member")]
    public sealed record StillAMember : ErasureOutcome;

    /// <summary>The person has this number now, and is erased with it.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.erasure-outcome.replaced")]
    public sealed record Replaced([property: Id(0)] string By) : ErasureOutcome;

    /// <summary>Nothing is known of the number.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.erasure-outcome.unknown")]
    public sealed record Unknown : ErasureOutcome;
}
