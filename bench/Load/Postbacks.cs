using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CoopLine.Load;

/// <summary>
/// Webhook calls of one event, each from another friend: taps on a tab of the rich menu, which LINE reports as a postback
/// and which nobody answers. All are signed beforehand.
/// </summary>
internal sealed class Postbacks : Requests
{
    public const string ChannelSecret = "5f1c0e9ab7d24c6e8a13f0d94b62e7c1";

    private const string Path = "/line/webhook";
    private const string UserMark = "UUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUU";
    private const string EventMark = "EEEEEEEEE";
    private const string SignatureMark = "SSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSS";

    private readonly byte[] template;
    private readonly int user, happening, signature;
    private readonly byte[] users;
    private readonly byte[] signatures;
    private readonly long first;
    private readonly long end;

    public Postbacks(long first, long count)
    {
        this.first = first;
        (Unused, end) = (first, first + count);
        var timestamp = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var body = $$$"""
            {"destination":"U0123456789abcdef0123456789abcdef","events":[{"type":"postback","postback":{"data":"tab=coupons","params":{"newRichMenuAliasId":"coopline-tab-coupons","status":"SUCCESS"}},"webhookEventId":"01JD8Z7N5V3Q4X2K1{{{EventMark}}}","deliveryContext":{"isRedelivery":false},"timestamp":{{{timestamp}}},"source":{"type":"user","userId":"{{{UserMark}}}"},"replyToken":"38ef843bde154d9b91c21320f{{{EventMark[..7]}}}","mode":"active"}]}
            """;
        var text = $"POST {Path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: LineBotWebhook/2.0\r\nContent-Type: application/json; charset=utf-8\r\n"
            + $"x-line-signature: {SignatureMark}\r\nContent-Length: {body.Length}\r\n\r\n{body}";
        template = Encoding.ASCII.GetBytes(text);
        user = text.IndexOf(UserMark, StringComparison.Ordinal);
        happening = text.IndexOf(EventMark, StringComparison.Ordinal);
        signature = text.IndexOf(SignatureMark, StringComparison.Ordinal);
        users = new byte[count * UserMark.Length];
        signatures = new byte[count * SignatureMark.Length];
        var secret = Encoding.ASCII.GetBytes(ChannelSecret);
        var digest = new byte[HMACSHA256.HashSizeInBytes];
        for (var i = 0; i < count; i++)
        {
            Encoding.ASCII.GetBytes(Sale.Account(first + i), users.AsSpan(i * UserMark.Length));
            Fill(i);
            HMACSHA256.HashData(secret, template.AsSpan(template.Length - body.Length), digest);
            Base64.EncodeToUtf8(digest, signatures.AsSpan(i * SignatureMark.Length), out _, out _);
        }
    }

    /// <summary>Numbers of friends who have not tapped.</summary>
    public override long Unused { get; protected set; }

    public override bool IsEmpty => Unused == end;

    public override ReadOnlySpan<byte> Next()
    {
        if (IsEmpty) return default;
        var i = (int)(Unused++ - first);
        Fill(i);
        signatures.AsSpan(i * SignatureMark.Length, SignatureMark.Length).CopyTo(template.AsSpan(signature));
        return template;
    }

    public override bool IsRight(ReadOnlySpan<byte> response) => response.StartsWith("HTTP/1.1 200 "u8);

    private void Fill(int i)
    {
        users.AsSpan(i * UserMark.Length, UserMark.Length).CopyTo(template.AsSpan(user));
        (first + i).TryFormat(template.AsSpan(happening), out _, "D9", CultureInfo.InvariantCulture);
    }
}
