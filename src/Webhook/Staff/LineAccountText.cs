using System.Text.RegularExpressions;

namespace CoopLine.Webhook.Staff;

/// <summary>LINE user ids as staff see them: enough to tell two apart, too little to write to one.</summary>
internal static partial class LineAccountText
{
    /// <returns><c>U1234…cdef</c> wherever the text has a LINE user id.</returns>
    public static string Shorten(string text) => UserId().Replace(text, "$1…$2");

    [GeneratedRegex("(U[0-9a-f]{4})[0-9a-f]{24}([0-9a-f]{4})")]
    private static partial Regex UserId();
}
