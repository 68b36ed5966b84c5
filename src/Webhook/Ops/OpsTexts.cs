using CoopLine.Webhook.Pages;

namespace CoopLine.Webhook.Ops;

/// <summary>What the pages of operators and counter staff say.</summary>
internal sealed class OpsTexts
{
    public static readonly Texts All = new(typeof(OpsTexts));
}
