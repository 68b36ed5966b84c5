using System.Collections.Immutable;
using CoopLine.Grains.Registry;

namespace CoopLine.Grains.Linking;

/// <summary>Reads the link form. What it cannot read is told field by field and costs no attempt.</summary>
public static class LinkForm
{
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
        _ when !Digits.Only(number) => FieldProblem.NotDigits,
        _ => MemberNumber.IsValid(number) ? null : FieldProblem.WrongLength,
    };

    private static FieldProblem? CheckPhone(string phone) => phone switch
    {
        "" => FieldProblem.Empty,
        _ when !Digits.Only(phone) => FieldProblem.NotDigits,
        not ['0', ..] => FieldProblem.NoLeadingZero,
        _ => Phone.IsValid(phone) ? null : FieldProblem.WrongLength,
    };

    private static FieldProblem? CheckBirthDate(string date, DateOnly today)
    {
        if (date is "") return FieldProblem.Empty;
        if (HasEra(date)) return FieldProblem.EraYear;
        if (!Digits.Only(date)) return FieldProblem.NotDigits;
        if (date.Length != BirthDate.Length) return FieldProblem.WrongLength;
        if (BirthDate.Day(date) is not { } day) return FieldProblem.ImpossibleDate;
        if (BirthDate.IsPossible(date, today)) return null;
        return day < BirthDate.Earliest ? FieldProblem.TooLongAgo : FieldProblem.Future;
    }

    /// <summary>A year of Meiji, Taisho, Showa, Heisei or Reiwa: <c>S46</c>, <c>昭46</c>, <c>平成元</c>.</summary>
    private static bool HasEra(string date) =>
        date is ['明' or '大' or '昭' or '平' or '令', ..]
            or ['M' or 'T' or 'S' or 'H' or 'R' or 'm' or 't' or 's' or 'h' or 'r', (>= '0' and <= '9') or '元', ..];
}
