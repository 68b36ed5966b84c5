using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace CoopLine.Webhook.Coupons;

/// <summary>
/// Our own proof of a LINE account, given for a verified id token so that LINE is not asked at every poll: 30 minutes,
/// sealed, kept nowhere. Its time is ours and not the protector's, which reads the machine's clock.
/// </summary>
internal sealed class CouponSessions(IDataProtectionProvider protection, TimeProvider clock)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    private readonly IDataProtector seal = protection.CreateProtector("coopline.coupon-session");

    /// <returns>Base64url, without the dots of an id token.</returns>
    public string Start(string account)
    {
        var end = (clock.GetUtcNow() + Lifetime).ToUnixTimeMilliseconds();
        return seal.Protect(string.Create(CultureInfo.InvariantCulture, $"{end} {account}"));
    }

    /// <returns>The LINE user id, or null when the session is over or not one of ours.</returns>
    public string? Account(string session)
    {
        if (Open(session)?.Split(' ') is not [var end, var account]) return null;
        return clock.GetUtcNow().ToUnixTimeMilliseconds() < long.Parse(end, CultureInfo.InvariantCulture) ? account : null;
    }

    private string? Open(string session)
    {
        try
        {
            return seal.Unprotect(session);
        }
        catch (CryptographicException)
        {
            return null; // tampered with, or sealed with a key that is gone: the page signs in again
        }
    }
}
