using System.Collections.Immutable;

namespace CoopLine.Grains.Line;

/// <summary>What became of a call that sends to many. LINE takes the whole of it or nothing.</summary>
public abstract record MulticastOutcome
{
    private protected MulticastOutcome()
    {
    }

    /// <summary>LINE took it now (200), or with this key before (409). Whether it arrives, LINE does not tell.</summary>
    public sealed record Accepted : MulticastOutcome;

    /// <summary>LINE takes one of the recipients for none (400), and so none of them got it.</summary>
    /// <param name="Position">In the body's <c>to</c>, counted from 0; null when LINE does not say which one.</param>
    public sealed record BadRecipient(int? Position) : MulticastOutcome;

    /// <summary>LINE does not take the content (any other 4xx): trying again does not help.</summary>
    /// <param name="Words">
    /// LINE's answer, up to 500 characters in one line, without anybody's data (<see cref="PersonalData.Mask"/>).
    /// </param>
    public sealed record BadMessage(string Words) : MulticastOutcome;

    /// <summary>The messages of this month do not suffice for all of its recipients (429 with <c>monthly limit</c>).</summary>
    public sealed record OverMonthlyLimit : MulticastOutcome;

    /// <summary>Too many calls (429): LINE has not taken it, and takes it later, with the same key.</summary>
    public sealed record RateLimited : MulticastOutcome;

    /// <summary>The channel access token is not good for it, or the account may not do it (401, 403).</summary>
    public sealed record NotAuthorized : MulticastOutcome;

    /// <summary>
    /// 5xx, 408, no answer, a redirect, or a 200 that is not LINE's: LINE may or may not have taken it. The same bytes with the same
    /// key tell.
    /// </summary>
    public sealed record Unknown : MulticastOutcome;
}

/// <summary>How many messages a month allows. One message to one person counts one.</summary>
/// <seealso href="https://developers.line.biz/en/reference/messaging-api/#get-quota"/>
public abstract record QuotaOutcome
{
    private protected QuotaOutcome()
    {
    }

    /// <param name="Limit">Messages a month; null for no limit.</param>
    /// <param name="Used">Messages of this month that LINE has counted so far.</param>
    public sealed record Known(long? Limit, long Used) : QuotaOutcome;

    /// <summary>LINE does not tell now, or its answer cannot be read.</summary>
    public sealed record Unavailable : QuotaOutcome;
}

public abstract record FollowersOutcome
{
    private protected FollowersOutcome()
    {
    }

    /// <param name="Accounts">LINE user ids, up to 1,000. A page may be short, or empty, and yet not be the last.</param>
    /// <param name="Next">Where the next page starts; null after the last.</param>
    public sealed record Page(ImmutableArray<string> Accounts, string? Next) : FollowersOutcome;

    /// <summary>Only verified and premium accounts may ask (403).</summary>
    public sealed record NotAllowed : FollowersOutcome;

    /// <summary>LINE does not take the page's start (400), which it keeps for 24 hours: begin with the first page.</summary>
    public sealed record Expired : FollowersOutcome;

    /// <summary>LINE does not tell now, or its answer cannot be read.</summary>
    public sealed record Unavailable : FollowersOutcome;
}

public abstract record ValidationOutcome
{
    private protected ValidationOutcome()
    {
    }

    public sealed record Valid : ValidationOutcome;

    /// <param name="Faults">One or more, in LINE's words, such as <c>messages[0].text: must be specified</c>.</param>
    public sealed record Invalid(ImmutableArray<string> Faults) : ValidationOutcome;

    /// <summary>LINE does not look at it now, or its answer cannot be read.</summary>
    public sealed record Unavailable : ValidationOutcome;
}

public abstract record StatisticsOutcome
{
    private protected StatisticsOutcome()
    {
    }

    /// <param name="Opened">Persons; null while LINE does not tell, as of fewer than 20.</param>
    /// <param name="Clicked">The same, of persons who tapped something in it.</param>
    public sealed record Known(long? Opened, long? Clicked) : StatisticsOutcome;

    /// <summary>LINE does not tell now, or its answer cannot be read.</summary>
    public sealed record Unavailable : StatisticsOutcome;
}
