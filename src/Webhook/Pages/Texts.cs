using System.Globalization;
using System.Resources;

namespace CoopLine.Webhook.Pages;

/// <summary>The sentences of one .resx file, in the language of the page.</summary>
internal sealed class Texts(Type feature)
{
    private readonly ResourceManager sentences = new(feature);

    /// <exception cref="MissingManifestResourceException">There is no such sentence.</exception>
    public string this[string name, params object?[] values] => string.Format(
        CultureInfo.InvariantCulture,
        sentences.GetString(name, PageLanguage.Current) ?? throw new MissingManifestResourceException(name),
        values);
}
