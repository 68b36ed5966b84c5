using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.RegularExpressions;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;

namespace CoopLine.Webhook.Edge;

/// <summary>The attributes of a request, and its own <see cref="IValidatableObject"/>, where it is not the framework that looks at them.</summary>
internal static class Checks
{
    public static IReadOnlyList<ValidationResult> ObjectionsTo(object request)
    {
        var objections = new List<ValidationResult>();
        Validator.TryValidateObject(request, new(request), objections, validateAllProperties: true);
        return objections;
    }
}

/// <summary>A moment with its offset, such as <c>2026-11-22T10:15:00+09:00</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed partial class InstantAttribute()
    : ValidationAttribute("{0} is a time with its offset, such as 2026-11-22T10:15:00+09:00.")
{
    public override bool IsValid(object? value) => value is null || (value is string text && TryParse(text, out _));

    /// <exception cref="FormatException">Nobody checked the text before.</exception>
    internal static DateTimeOffset Parse(string text) =>
        TryParse(text, out var at) ? at : throw new FormatException("Not a time with its offset.");

    internal static bool TryParse(string text, out DateTimeOffset at)
    {
        at = default;
        return Shape().IsMatch(text)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out at);
    }

    [GeneratedRegex(
        @"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,7})?)?(Z|[+-][0-9]{2}:[0-9]{2})\z")]
    private static partial Regex Shape();
}

/// <summary>A day, such as <c>2026-11-22</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DayAttribute() : ValidationAttribute("{0} is a day, such as 2026-11-22.")
{
    public override bool IsValid(object? value) => value is null || (value is string text && TryParse(text, out _));

    internal static bool TryParse(string text, out DateOnly day) => ReceiptKey.TryParseDate(text, out day);
}

/// <summary>Words of people: no control characters, which nobody types and PostgreSQL does not store.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PlainTextAttribute() : ValidationAttribute("{0} holds control characters.")
{
    /// <summary>Tabs and line breaks may be in it.</summary>
    public bool Lines { get; init; }

    public override bool IsValid(object? value) => value is null || (value is string text && !text.Any(IsUnwanted));

    internal static bool IsPlain(string text)
    {
        foreach (var c in text)
            if (char.IsControl(c)) return false;
        return true;
    }

    private bool IsUnwanted(char c) => char.IsControl(c) && !(Lines && c is '\t' or '\n' or '\r');
}

/// <summary>One JAN or a list of them, each with the right check digit.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class JanAttribute() : ValidationAttribute("{0} is EAN-13, EAN-8 or UPC-A with the right check digit.")
{
    public override bool IsValid(object? value) => value switch
    {
        null => true,
        string jan => Jan.IsValid(jan),
        IEnumerable<string?> jans => jans.All(jan => jan is not null && Jan.IsValid(jan)),
        _ => false,
    };
}

/// <summary>A list of texts which all have one shape.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class EachAttribute(string pattern) : ValidationAttribute("Each of {0} looks like {1}.")
{
    public string Pattern { get; } = pattern;

    public override bool IsValid(object? value) =>
        value is null
        || (value is IEnumerable<string?> texts && texts.All(IsOne));

    private bool IsOne(string? text) => text is not null && Regex.IsMatch(text, $@"\A(?:{Pattern})\z");

    public override string FormatErrorMessage(string name) =>
        string.Format(CultureInfo.InvariantCulture, ErrorMessageString, name, Pattern);
}
