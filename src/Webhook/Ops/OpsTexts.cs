using CoopLine.Grains.Members;
using CoopLine.Webhook.Pages;

namespace CoopLine.Webhook.Ops;

/// <summary>What the pages of operators and counter staff say.</summary>
internal sealed class OpsTexts
{
    public static readonly Texts All = new(typeof(OpsTexts));

    /// <summary>Which answers of a link form were wrong.</summary>
    public static string Fields(MismatchedFields fields) => fields is MismatchedFields.None
        ? All["FieldNone"]
        : string.Join(", ", Enum.GetValues<MismatchedFields>()
            .Where(field => field is not MismatchedFields.None && fields.HasFlag(field)).Select(field => All[$"Field{field}"]));
}
