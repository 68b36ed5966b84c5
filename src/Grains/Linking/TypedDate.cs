using System.Collections.Immutable;
using System.Globalization;
using CoopLine.Grains.Registry;

namespace CoopLine.Grains.Linking;

/// <summary>
/// A birth date as people write it: <c>19710401</c>, <c>1971/4/1</c>, <c>昭和46年4月1日</c>, <c>S460401</c>. A year of two digits
/// without an era, as in <c>46.4.1</c>, can mean several dates: it is asked which one.
/// </summary>
/// <param name="Day">The date, when the text means one.</param>
/// <param name="Problem">Why it does not.</param>
/// <param name="Choices">The dates that it may mean, when it is unclear which; oldest first.</param>
public sealed record TypedDate(DateOnly? Day, FieldProblem? Problem, ImmutableArray<DateOnly> Choices)
{
    /// <summary>Between year, month and day, besides spaces and hyphens.</summary>
    private const string Separators = "/.,・、年月日";

    /// <summary>The eight digits that the registry has.</summary>
    public string? Digits => Day is { } day ? BirthDate.Write(day) : null;

    /// <param name="today">The date in the co-op's time zone.</param>
    public static TypedDate Read(string text, DateOnly today)
    {
        var normal = Normalise.Compatible(text).Trim();
        var era = Era.At(normal, out var length);
        var parts = Split(normal[length..]);
        if (parts is []) return No(era is null ? FieldProblem.Empty : FieldProblem.EraYear);
        if (!parts.All(part => Registry.Digits.Only(part)))
            return No(era is null ? FieldProblem.NotDigits : FieldProblem.EraYear);

        var read = (era, parts) switch
        {
            (not null, [{ Length: 6 } all]) => InEra(era, all[..2], all[2..4], all[4..]),
            (not null, [{ Length: <= 2 } year, { Length: <= 2 } month, { Length: <= 2 } day]) => InEra(era, year, month, day),
            (not null, _) => No(FieldProblem.EraYear),
            (null, [{ Length: 4 } year, { Length: <= 2 } month, { Length: <= 2 } day]) => On(Number(year), Number(month), Number(day)),
            (null, [{ Length: 6 } all]) => Unclear(all[..2], all[2..4], all[4..], today),
            (null, [{ Length: <= 2 } year, { Length: <= 2 } month, { Length: <= 2 } day]) => Unclear(year, month, day, today),
            _ => Joined(string.Concat(parts)),
        };
        return read.Day switch
        {
            { } day when day < BirthDate.Earliest => No(FieldProblem.TooLongAgo),
            { } day when day > today => No(FieldProblem.Future),
            _ => read,
        };
    }

    /// <summary>The first year of an era is written 元.</summary>
    private static string[] Split(string text)
    {
        var spaced = string.Concat(text.Select(c => Normalise.IsSpacing(c) || Separators.Contains(c, StringComparison.Ordinal) ? ' ' : c));
        var parts = spaced.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts is ["元", ..]) parts[0] = "1";
        return parts;
    }

    private static TypedDate Joined(string digits) => digits.Length == BirthDate.Length
        ? On(Number(digits[..4]), Number(digits[4..6]), Number(digits[6..]))
        : No(FieldProblem.WrongLength);

    private static TypedDate InEra(Era era, string year, string month, string day) =>
        era.Day(Number(year), Number(month), Number(day)) is { } found ? Yes(found) : No(FieldProblem.ImpossibleDate);

    private static TypedDate On(int year, int month, int day) =>
        CalendarDay.Of(year, month, day) is { } found ? Yes(found) : No(FieldProblem.ImpossibleDate);

    private static TypedDate Unclear(string year, string month, string day, DateOnly today)
    {
        var (y, m, d) = (Number(year), Number(month), Number(day));
        var all = Era.All.Select(era => era.Day(y, m, d)).Append(CalendarDay.Of(1900 + y, m, d)).Append(CalendarDay.Of(2000 + y, m, d));
        ImmutableArray<DateOnly> possible =
            [.. all.OfType<DateOnly>().Where(one => BirthDate.IsPossible(one, today)).Distinct().Order()];
        return possible is [] ? No(FieldProblem.ImpossibleDate) : new(null, FieldProblem.UnclearYear, possible);
    }

    private static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    private static TypedDate Yes(DateOnly day) => new(day, null, []);

    private static TypedDate No(FieldProblem problem) => new(null, problem, []);
}
