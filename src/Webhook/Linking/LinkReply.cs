using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;

namespace CoopLine.Webhook.Linking;

/// <summary>
/// What the page shows after the form was sent. The answer to a POST is a redirect to a page that carries this, sealed, in
/// its address: Back and a reload ask for that page again and send nothing, and the server keeps nothing.
/// </summary>
/// <param name="What">The name of the refusal in the texts; <see cref="FieldsToCorrect"/> for none.</param>
/// <param name="Until">When the lock ends.</param>
/// <param name="TriesLeft">Wrong answers until the lock.</param>
/// <param name="Trace">Of the call that sent the form: what the member quotes.</param>
public sealed record LinkReply(
    string Session, string What, TypedAnswers Typed, DateTimeOffset? Until = null, int? TriesLeft = null, string? Trace = null)
{
    /// <summary>Answers that cannot be read.</summary>
    public const string FieldsToCorrect = "Fields";

    // A record prints its values, and what was typed must never reach a log.
    public override string ToString() => nameof(LinkReply);
}

/// <summary>Seals replies, and opens them again in whichever process is asked.</summary>
internal sealed class LinkReplies(IDataProtectionProvider protection)
{
    private readonly IDataProtector seal = protection.CreateProtector("coopline.link-reply");

    public string Seal(LinkReply reply) => seal.Protect(JsonSerializer.Serialize(reply));

    /// <returns>Null when it is not one of ours, or of another session: the page then shows an empty form.</returns>
    public LinkReply? Open(string? text, string session)
    {
        if (text is null) return null;
        try
        {
            return JsonSerializer.Deserialize<LinkReply>(seal.Unprotect(text)) is { } reply && reply.Session == session ? reply : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}

/// <summary>What the member typed, as typed, to show it again.</summary>
public sealed record TypedAnswers(string? MemberNumber, string? Phone, string? BirthDate)
{
    /// <summary>As much as the page's fields take.</summary>
    public const int MaxLength = 60;

    public static readonly TypedAnswers None = new(null, null, null);

    // A record prints its values, and these must never reach a log.
    public override string ToString() => nameof(TypedAnswers);
}
