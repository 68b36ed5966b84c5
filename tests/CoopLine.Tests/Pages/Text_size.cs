using System.Text.RegularExpressions;
using CoopLine.Tests.Fixtures;
using CoopLine.Webhook.Pages;

namespace CoopLine.Tests.Pages;

/// <summary>Text is as large as the phone's owner has set it.</summary>
[NoDatabase]
public sealed partial class Text_size
{
    private static readonly string Style = Read();

    [Fact]
    public void An_iPhone_is_asked_for_its_own_text_size() =>
        Assert.Matches(@"@supports \(-webkit-touch-callout: none\) \{\s*html \{ font: -apple-system-body;", Style);

    [Fact]
    public void Android_is_not_kept_from_enlarging() =>
        Assert.DoesNotMatch(@"(?<!-webkit-)text-size-adjust", Style);

    /// <summary>Drawings are scaled as a whole, with the text in them.</summary>
    [Fact]
    public void No_text_but_that_in_drawings_has_a_fixed_size() =>
        Assert.All(
            FixedSize().Matches(Style).Select(rule => rule.Groups[1].Value.Trim()),
            selector => Assert.Matches(@"^\.(drawing|picture) text$", selector));

    private static string Read()
    {
        using var stream = typeof(PageAssets).Assembly.GetManifestResourceStream("assets/member.css")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"([^{}]*)\{[^{}]*font(?:-size)?:[^;}]*[0-9]px")]
    private static partial Regex FixedSize();
}
