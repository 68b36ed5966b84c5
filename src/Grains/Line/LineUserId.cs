using System.Text.RegularExpressions;

namespace CoopLine.Grains.Line;

/// <summary>A LINE user id, as LINE's webhooks and id tokens name an account: <c>U</c> and 32 hexadecimal digits.</summary>
/// <seealso href="https://developers.line.biz/en/docs/messaging-api/getting-user-ids/"/>
public static partial class LineUserId
{
    /// <summary>A regular expression without anchors.</summary>
    public const string Shape = "U[0-9a-f]{32}";

    public static bool IsValid(string text) => Whole().IsMatch(text);

    [GeneratedRegex("^" + Shape + @"\z")]
    private static partial Regex Whole();
}
