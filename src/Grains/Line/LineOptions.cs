using System.ComponentModel.DataAnnotations;

namespace CoopLine.Grains.Line;

/// <summary>The co-op's LINE channels: configuration section <c>CoopLine:Line</c>.</summary>
public sealed class LineOptions : IValidatableObject
{
    /// <summary>Secret of the Messaging API channel; signs webhooks. During a change several, separated by spaces.</summary>
    [Required]
    public required string ChannelSecret { get; init; }

    /// <summary>Long-lived channel access token. When absent, stateless tokens are issued with <see cref="ChannelId"/> and the secret.</summary>
    public string? ChannelAccessToken { get; init; }

    /// <summary>Id of the Messaging API channel; needed only without <see cref="ChannelAccessToken"/>.</summary>
    public string? ChannelId { get; init; }

    /// <summary>Default <c>https://api.line.me</c>.</summary>
    public Uri ApiBase { get; init; } = new("https://api.line.me");

    /// <summary>Where LINE takes pictures of rich menus. Default <c>https://api-data.line.me</c>.</summary>
    public Uri DataApiBase { get; init; } = new("https://api-data.line.me");

    /// <summary>Where browsers go for LINE's account-link dialog. Default <c>https://access.line.me</c>.</summary>
    public Uri AccessBase { get; init; } = new("https://access.line.me");

    /// <summary>Id of the LINE Login channel (same provider as the Messaging API channel); the audience of id tokens.</summary>
    [Required]
    public required string LoginChannelId { get; init; }

    /// <summary>Id of the LIFF app that opens the coupon page.</summary>
    [Required]
    public required string LiffId { get; init; }

    /// <summary>Address of the LIFF SDK script.</summary>
    public Uri LiffSdk { get; init; } = new("https://static.line-scdn.net/liff/edge/2/sdk.js");

    /// <summary>Alias of the rich menu that linked members see: 1 to 32 lower-case letters, digits, <c>_-</c>.</summary>
    [RegularExpression("^[a-z0-9_-]{1,32}$")]
    public string LinkedRichMenu { get; init; } = "coopline-linked";

    /// <summary>How long one call to LINE may take in all, quick retries included. Default 10 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!ApiBase.IsWeb) yield return new("CoopLine:Line:ApiBase is an absolute http or https address.");
        if (!DataApiBase.IsWeb) yield return new("CoopLine:Line:DataApiBase is an absolute http or https address.");
        if (!AccessBase.IsWeb) yield return new("CoopLine:Line:AccessBase is an absolute http or https address.");
        if (!LiffSdk.IsWeb) yield return new("CoopLine:Line:LiffSdk is an absolute http or https address.");
        if (Timeout <= TimeSpan.Zero || Timeout > TimeSpan.FromMinutes(1))
            yield return new("CoopLine:Line:Timeout is a time up to a minute, such as 00:00:10.");
    }
}
