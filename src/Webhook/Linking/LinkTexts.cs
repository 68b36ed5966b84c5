using CoopLine.Webhook.Pages;

namespace CoopLine.Webhook.Linking;

/// <summary>What the link page says.</summary>
internal sealed class LinkTexts
{
    public static readonly Texts All = new(typeof(LinkTexts));
}
