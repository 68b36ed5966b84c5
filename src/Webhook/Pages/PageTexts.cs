namespace CoopLine.Webhook.Pages;

/// <summary>What all pages say.</summary>
internal sealed class PageTexts
{
    public static readonly Texts All = new(typeof(PageTexts));
}
