namespace CoopLine.Webhook.Staff;

/// <summary>Where a picture is that staff name in a request.</summary>
internal static class PictureAddress
{
    public const string Rule = "A picture is an https address without user and fragment.";

    /// <returns>Null when it is no such address, or there is none.</returns>
    public static Uri? Read(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address)
        && address is { UserInfo: "", Fragment: "" } && address.Scheme == Uri.UriSchemeHttps ? address : null;
}
