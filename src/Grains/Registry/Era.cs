using System.Collections.Immutable;

namespace CoopLine.Grains.Registry;

/// <summary>A Japanese era. The day on which one follows the other belongs to both until Shōwa, and to the new one since.</summary>
public sealed record Era(string Name, char Letter, DateOnly First, DateOnly Last)
{
    public static readonly ImmutableArray<Era> All =
    [
        new("明治", 'M', new(1868, 1, 25), new(1912, 7, 30)),
        new("大正", 'T', new(1912, 7, 30), new(1926, 12, 25)),
        new("昭和", 'S', new(1926, 12, 25), new(1989, 1, 7)),
        new("平成", 'H', new(1989, 1, 8), new(2019, 4, 30)),
        new("令和", 'R', new(2019, 5, 1), DateOnly.MaxValue),
    ];

    /// <returns>The era in front of the text; null when there is none.</returns>
    /// <param name="length">How many characters name it: <c>昭和</c>, <c>昭</c> or <c>S</c>.</param>
    public static Era? At(string text, out int length)
    {
        foreach (var era in All)
        {
            length = text.StartsWith(era.Name, StringComparison.Ordinal) ? 2 : era.IsShortIn(text) ? 1 : 0;
            if (length > 0) return era;
        }

        length = 0;
        return null;
    }

    /// <returns>Null when it is not in the calendar, or not in this era.</returns>
    public DateOnly? Day(int year, int month, int day) =>
        year >= 1 && CalendarDay.Of(First.Year + year - 1, month, day) is { } found && found >= First && found <= Last ? found : null;

    /// <summary>On a day of two, the later one.</summary>
    public static Era Of(DateOnly day) => All.Last(era => day >= era.First);

    public int YearOf(DateOnly day) => day.Year - First.Year + 1;

    /// <summary>A letter names an era before a year only: <c>Sunday</c> names none.</summary>
    private bool IsShortIn(string text) =>
        (text is [var first, ..] && first == Name[0])
        || (text is [var letter, var next, ..] && char.ToUpperInvariant(letter) == Letter && (next == '元' || !char.IsLetter(next)));
}
