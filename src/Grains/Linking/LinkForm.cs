using System.Collections.Immutable;
using CoopLine.Grains.Registry;

namespace CoopLine.Grains.Linking;

/// <summary>Reads the link form. What it cannot read is told field by field and costs no attempt.</summary>
public static class LinkForm
{
    /// <param name="today">The date in the co-op's time zone.</param>
    /// <param name="numberLengths">How many digits a member number may have; none given: any number up to 20.</param>
    /// <returns>The answers, or at most one error a field.</returns>
    public static (LinkAnswers? Answers, ImmutableArray<FieldError> Errors) Parse(
        string? memberNumber, string? phone, string? birthDate, DateOnly today, params ReadOnlySpan<int> numberLengths)
    {
        var date = TypedDate.Read(birthDate ?? "", today);
        var answers = new LinkAnswers(
            Normalise.MemberNumber(memberNumber ?? ""),
            Normalise.Phone(phone ?? ""),
            date.Digits ?? "");

        ImmutableArray<FieldError> errors =
        [
            .. Error(LinkField.MemberNumber, CheckMemberNumber(answers.MemberNumber, numberLengths)),
            .. Error(LinkField.Phone, CheckPhone(answers.Phone)),
            .. Error(LinkField.BirthDate, date.Problem),
        ];
        return (errors.IsEmpty ? answers : null, errors);
    }

    private static ReadOnlySpan<FieldError> Error(LinkField field, FieldProblem? problem) =>
        problem is { } found ? new FieldError[] { new(field, found) } : [];

    private static FieldProblem? CheckMemberNumber(string number, ReadOnlySpan<int> lengths)
    {
        if (number is "") return FieldProblem.Empty;
        if (!Digits.Only(number)) return FieldProblem.NotDigits;
        var fits = lengths is [] ? MemberNumber.IsValid(number) : lengths.Contains(number.Length);
        return fits ? null : FieldProblem.WrongLength;
    }

    private static FieldProblem? CheckPhone(string phone) => phone switch
    {
        "" => FieldProblem.Empty,
        _ when !Digits.Only(phone) => FieldProblem.NotDigits,
        not ['0', ..] => FieldProblem.NoLeadingZero,
        _ => Phone.IsValid(phone) ? null : FieldProblem.WrongLength,
    };
}
