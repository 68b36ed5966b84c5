using System.ComponentModel.DataAnnotations;

namespace CoopLine.Webhook.Staff;

/// <summary>What members of staff may do: configuration section <c>CoopLine:Staff</c>.</summary>
internal sealed class StaffOptions
{
    /// <summary>Yen of a use up to which a store manager gives it back alone. Default 1000.</summary>
    [Range(0, 1_000_000)]
    public int RestoreUpToYen { get; init; } = 1_000;

    /// <summary>
    /// The domain that passkeys are for: that of the pages, or one that it ends in, e.g. <c>coop.example</c>. Default the host in the
    /// address of the page. Passkeys of another domain open nothing any more.
    /// </summary>
    [RegularExpression("[a-z0-9.-]+")]
    public string? PasskeyDomain { get; init; }
}
