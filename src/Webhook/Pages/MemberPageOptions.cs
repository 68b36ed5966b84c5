using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;

namespace CoopLine.Webhook.Pages;

/// <summary>How the members' pages are shown: configuration section <c>CoopLine</c>.</summary>
internal sealed class MemberPageOptions
{
    /// <summary>Who may show the pages in a frame, as CSP sources. Default <c>'self' https://liff.line.me</c>.</summary>
    [RegularExpression("[^;,\r\n]+")]
    public string FrameAncestors { get; init; } = "'self' https://liff.line.me";

    /// <summary>Hosts that campaigns' pictures may be on, e.g. <c>pictures.coop.example</c>. Default none.</summary>
    [Hosts]
    public string[] PictureHosts { get; init; } = [];

    /// <summary>Names of item categories as members know them. Coupons of a category without a name are listed among the others.</summary>
    public Dictionary<string, string> Categories { get; init; } = [];

    /// <summary>Whether the pages may show this picture.</summary>
    public bool Allows(Uri picture) => PictureHosts.Contains(picture.Authority, StringComparer.OrdinalIgnoreCase);

    /// <returns>The name of the first category that has one; null when none has.</returns>
    public string? CategoryName(ImmutableArray<string> categories) =>
        categories.IsDefault ? null : categories.Select(code => Categories.GetValueOrDefault(code)).FirstOrDefault(name => name is not null);
}

/// <summary>Names of hosts, each with or without a port.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed partial class HostsAttribute()
    : ValidationAttribute("CoopLine:PictureHosts are names of hosts, such as pictures.coop.example.")
{
    public override bool IsValid(object? value) => value is string[] hosts && hosts.All(host => Host().IsMatch(host));

    [GeneratedRegex(@"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?\z")]
    private static partial Regex Host();
}
