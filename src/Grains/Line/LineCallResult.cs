namespace CoopLine.Grains.Line;

/// <summary>What became of a call to LINE.</summary>
public enum LineCallResult
{
    /// <summary>2xx, or 409 for a retry key that LINE took before.</summary>
    Accepted,

    /// <summary>LINE refused for good (4xx): trying again does not help.</summary>
    Rejected,

    /// <summary>LINE did not take it for now (429), or whoever answered was not LINE (a redirect).</summary>
    NotNow,

    /// <summary>5xx, time-out or broken connection: LINE may or may not have taken it.</summary>
    Unknown,

    /// <summary>
    /// It costs money, and the messages of this month are used up. Known between client and sender only: an account is told
    /// <see cref="NotNow"/>, which older versions know, too, and <see cref="Accounts.OutboxEntry.OverMonthlyLimit"/>.
    /// </summary>
    OverMonthlyLimit,
}
