using System.Text.RegularExpressions;
using CoopLine.Grains.Line;

namespace CoopLine.Webhook.Staff;

/// <summary>LINE user ids as staff see them: enough to tell two apart, too little to write to one.</summary>
internal static partial class LineAccountText
{
    /// <returns><c>U1234…cdef</c> wherever the text has a LINE user id.</returns>
    public static string Shorten(string text) => UserId().Replace(text, id => $"{id.Value[..5]}…{id.Value[^4..]}");

    [GeneratedRegex(LineUserId.Shape)]
    private static partial Regex UserId();
}
