using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace CoopLine.Webhook.Console;

/// <summary>
/// What travels with a page and comes back with its form, or is stored where others read: whoever has it can neither read nor change it. Any
/// process opens it again.
/// </summary>
internal sealed class Seals(IDataProtectionProvider protection, TimeProvider clock)
{
    /// <summary>The key of a member of staff's codes.</summary>
    public const string CodeKey = "coopline.staff-code-key";

    /// <summary>The same, while it is shown for the first time; for whom it is follows.</summary>
    public const string NewCodeKey = "coopline.staff-new-code-key";

    public const string Passkey = "coopline.staff-passkey";
    public const string NewPasskey = "coopline.staff-new-passkey";
    public const string Reply = "coopline.staff-reply";

    /// <param name="life">How long it can be opened; null: always.</param>
    public string Seal(string purpose, string text, TimeSpan? life) => protection.CreateProtector(purpose).Protect(string.Create(
        CultureInfo.InvariantCulture, $"{(life is { } time ? (clock.GetUtcNow() + time).ToUnixTimeMilliseconds() : long.MaxValue)} {text}"));

    /// <returns>Null when it is none of ours, for something else, or too old.</returns>
    public string? Open(string purpose, string? sealedText)
    {
        if (string.IsNullOrEmpty(sealedText)) return null;
        try
        {
            var text = protection.CreateProtector(purpose).Unprotect(sealedText);
            var end = text.IndexOf(' ', StringComparison.Ordinal);
            return clock.GetUtcNow().ToUnixTimeMilliseconds() < long.Parse(text.AsSpan(0, end), CultureInfo.InvariantCulture) ? text[(end + 1)..] : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
