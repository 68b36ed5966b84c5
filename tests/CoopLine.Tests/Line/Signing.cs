using System.Security.Cryptography;
using System.Text;
using CoopLine.Grains.Line;
using CoopLine.Tests.Fixtures;
using CoopLine.Webhook.Line;
using Microsoft.Extensions.Options;

namespace CoopLine.Tests.Line;

[NoDatabase]
public sealed class Signing
{
    private const string Secret = "5f1c0e9ab7d24c6e8a13f0d94b62e7c1";
    private const string Empty = """{"destination":"U00000000000000000000000000c00b01","events":[]}""";
    private const string EmptySignature = "H887OIdWoN1bIfku7tj0UxSj0M94Gh4dw9XNdm+5QhQ=";

    // Escapes stay escapes: the signature is over the bytes, not over what they mean.
    private const string Message =
        """{"destination":"U00000000000000000000000000c00b01","events":[{"type":"message","timestamp":1767225600000,"source":{"type":"user","userId":"U1234567890abcdef1234567890abcdef"},"mode":"active","webhookEventId":"01JGX5Q0000000000000000001","deliveryContext":{"isRedelivery":false},"replyToken":"aaaabbbbccccddddeeeeffff00001111","message":{"id":"500000000000000001","type":"text","text":"\u3053\u3093\u306b\u3061\u306f\uD83D\uDE00"}}]}""";

    [Theory]
    [InlineData(Secret, Empty, EmptySignature)]
    [InlineData(Secret, Message, "yLLbcOVXrtamnJNoPrWFEQyF8OwnbURW+Rw6LWls0sw=")]
    [InlineData( // LINE's published example
        "8c570fa6dd201bb328f1c1eac23a96d8",
        """{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}""",
        "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs=")]
    public void A_body_signed_with_the_channel_secret_is_LINEs(string secret, string body, string signature) =>
        Assert.True(Matches(secret, body, signature));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("no base64!")]
    [InlineData("H887OIdWoN1bIfku7tj0UxSj0M94Gh4dw9XNdm+5")] // 30 bytes
    [InlineData("H887OIdWoN1bIfku7tj0UxSj0M94Gh4dw9XNdm+5QhQAAAA=")] // 35 bytes
    [InlineData("I887OIdWoN1bIfku7tj0UxSj0M94Gh4dw9XNdm+5QhQ=")]
    public void A_missing_undecodable_or_other_signature_is_not(string? signature) =>
        Assert.False(Matches(Secret, Empty, signature));

    [Theory]
    [InlineData(Empty + "\n")]
    [InlineData(" " + Empty)]
    public void One_byte_more_is_another_body(string body) => Assert.False(Matches(Secret, body, EmptySignature));

    [Fact]
    public void An_empty_body_needs_its_own_signature()
    {
        var signature = Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Array.Empty<byte>()));

        Assert.True(Matches(Secret, "", signature));
        Assert.False(Matches(Secret, "", EmptySignature));
    }

    [Theory]
    [InlineData(Secret + " another-secret")]
    [InlineData("another-secret  " + Secret)]
    public void While_the_secret_changes_either_is_good(string secrets) =>
        Assert.True(Matches(secrets, Empty, EmptySignature));

    [Theory]
    [InlineData("another-secret")]
    [InlineData("")]
    [InlineData(" ")]
    public void Without_the_right_secret_nothing_is_good(string secrets) =>
        Assert.False(Matches(secrets, Empty, EmptySignature));

    private static bool Matches(string secrets, string body, string? signature) =>
        new LineSignature(Options.Create(new LineOptions { ChannelSecret = secrets, LoginChannelId = "1", LiffId = "1" }))
            .Matches(Encoding.UTF8.GetBytes(body), signature);
}
