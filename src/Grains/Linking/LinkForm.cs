using System.Collections.Immutable;
using System.Globalization;
using CoopLine.Grains.Registry;

namespace CoopLine.Grains.Linking;

/// <summary>Reads the link form. What it cannot read is told field by field and costs no attempt.</summary>
public static class LinkForm
{
    private const int MemberNumberMaxDigits = 20;
    private const int EarliestBirthYear = 1900;

    /// <param name="today">The date in the co-op's time zone.</param>
    /// <returns>The answers, or at most one error a field.</returns>
    public static (LinkAnswers? Answers, ImmutableArray<FieldError> Errors) Parse(
        string? memberNumber, string? phone, string? birthDate, DateOnly today)
    {
        var answers = new LinkAnswers(
            Normalise.MemberNumber(memberNumber ?? ""),
            Normalise.Phone(phone ?? ""),
            Normalise.BirthDate(birthDate ?? ""));

        ImmutableArray<FieldError> errors =
        [
            .. Error(LinkField.MemberNumber, CheckMemberNumber(answers.MemberNumber)),
            .. Error(LinkField.Phone, CheckPhone(answers.Phone)),
            .. Error(LinkField.BirthDate, CheckBirthDate(answers.BirthDate, today)),
        ];
        return (errors.IsEmpty ? answers : null, errors);
    }

    private static ReadOnlySpan<FieldError> Error(LinkField field, FieldProblem? problem) =>
        problem is { } found ? new FieldError[] { new(field, found) } : [];

    private static FieldProblem? CheckMemberNumber(string number) => number switch
    {
        "" => FieldProblem.Empty,
        _ when !IsDigits(number) => FieldProblem.NotDigits,
        { Length: > MemberNumberMaxDigits } => FieldProblem.WrongLength,
        _ => null,
    };

    private static FieldProblem? CheckPhone(string phone) => phone switch
    {
        "" => FieldProblem.Empty,
        _ when !IsDigits(phone) => FieldProblem.NotDigits,
        not ['0', ..] => FieldProblem.NoLeadingZero,
        not { Length: 10 or 11 } => FieldProblem.WrongLength,
        _ => null,
    };

    private static FieldProblem? CheckBirthDate(string date, DateOnly today)
    {
        if (date is "") return FieldProblem.Empty;
        if (HasEra(date)) return FieldProblem.EraYear;
        if (!IsDigits(date)) return FieldProblem.NotDigits;
        if (date.Length != 8) return FieldProblem.WrongLength;
        if (!DateOnly.TryParseExact(date, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return FieldProblem.ImpossibleDate;
        if (day.Year < EarliestBirthYear) return FieldProblem.TooLongAgo;
        return day > today ? FieldProblem.Future : null;
    }

    /// <summary>A year of Meiji, Taisho, Showa, Heisei or Reiwa: <c>S46</c>, <c>昭46</c>, <c>平成元</c>.</summary>
    private static bool HasEra(string date) =>
        date is ['明' or '大' or '昭' or '平' or '令', ..]
            or ['M' or 'T' or 'S' or 'H' or 'R' or 'm' or 't' or 's' or 'h' or 'r', (>= '0' and <= '9') or '元', ..];

    private static bool IsDigits(string text) => !text.AsSpan().ContainsAnyExceptInRange('0', '9');
}
