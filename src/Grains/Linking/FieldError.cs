namespace CoopLine.Grains.Linking;

/// <summary>A field of the link form.</summary>
[GenerateSerializer, Alias("coopline.link-field")]
public enum LinkField
{
    MemberNumber,
    Phone,
    BirthDate,
}

/// <summary>What is wrong with the form of an answer, whoever gave it.</summary>
[GenerateSerializer, Alias("coopline.field-problem")]
public enum FieldProblem
{
    Empty,
    NotDigits,
    WrongLength,

    /// <summary>A phone number that does not start with 0.</summary>
    NoLeadingZero,

    /// <summary>A birth date that begins with a Japanese era and cannot be read: <c>昭和46年</c>.</summary>
    EraYear,

    /// <summary>A birth date that is not in the calendar: <c>19710231</c>.</summary>
    ImpossibleDate,

    /// <summary>A birth date before 1900.</summary>
    TooLongAgo,

    /// <summary>A birth date after today.</summary>
    Future,

    /// <summary>A birth date whose year has two digits: <c>46.4.1</c> may be 1946 or 昭和46年.</summary>
    UnclearYear,
}

[GenerateSerializer, Immutable, Alias("coopline.field-error")]
public sealed record FieldError([property: Id(0)] LinkField Field, [property: Id(1)] FieldProblem Problem);
