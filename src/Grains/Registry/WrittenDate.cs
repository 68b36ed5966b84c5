using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace CoopLine.Grains.Registry;

/// <summary>
/// Dates as people and spreadsheets write them, when only one day can be meant: <c>1971/4/1</c>, <c>S46.4.1</c>,
/// <c>昭和46年4月1日</c>, <c>S460401</c>, and Excel's <c>26024</c> (days since 30 December 1899).
/// </summary>
public static partial class WrittenDate
{
    private static readonly DateOnly SerialZero = new(1899, 12, 30);

    /// <returns>Null when it is no date, or could be another one: <c>4/1/1971</c>, <c>71.4.1</c>, <c>460401</c>.</returns>
    public static DateOnly? Read(string text)
    {
        var plain = Plain(Midnight.Replace(text.Trim(), ""));
        if (Serial.IsMatch(plain)) return SerialZero.AddDays(int.Parse(plain, CultureInfo.InvariantCulture));
        if (Western.Match(plain) is { Success: true } western)
            return CalendarDay.Of(Number(western, "year"), Number(western, "month"), Number(western, "day"));

        var japanese = WithEra.Match(plain) is { Success: true } apart ? apart : WithEraTogether.Match(plain);
        if (!japanese.Success) return null;
        var year = japanese.Groups["year"].Value is "元" ? 1 : Number(japanese, "year");
        return Era.At(japanese.Value, out _)?.Day(year, Number(japanese, "month"), Number(japanese, "day"));
    }

    private static int Number(Match match, string group) =>
        int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    /// <summary>ASCII digits, capital letters, one kind of hyphen, no spaces.</summary>
    private static string Plain(string text) => string.Concat(
        text.IsNormalized(NormalizationForm.FormKC) ? Each(text) : Each(text.Normalize(NormalizationForm.FormKC)));

    private static IEnumerable<char> Each(string text) => text
        .Where(c => !char.IsWhiteSpace(c))
        .Select(c => Normalise.IsHyphen(c) ? '-' : char.ToUpperInvariant(c));

    /// <summary>What Excel adds to a date that it takes for a time.</summary>
    [GeneratedRegex(@"\s+0?0:00(:00)?$")]
    private static partial Regex Midnight { get; }

    /// <summary>From 1927 on; earlier ones have four digits, which might be a year.</summary>
    [GeneratedRegex("^[1-9][0-9]{4}$")]
    private static partial Regex Serial { get; }

    [GeneratedRegex("^(?<year>[0-9]{4})[-/.年](?<month>[0-9]{1,2})[-/.月](?<day>[0-9]{1,2})日?$")]
    private static partial Regex Western { get; }

    [GeneratedRegex("^(明治?|大正?|昭和?|平成?|令和?|[MTSHR])(?<year>[0-9]{1,2}|元)[-/.年](?<month>[0-9]{1,2})[-/.月](?<day>[0-9]{1,2})日?$")]
    private static partial Regex WithEra { get; }

    [GeneratedRegex("^(明治?|大正?|昭和?|平成?|令和?|[MTSHR])(?<year>[0-9]{2})(?<month>[0-9]{2})(?<day>[0-9]{2})$")]
    private static partial Regex WithEraTogether { get; }
}
