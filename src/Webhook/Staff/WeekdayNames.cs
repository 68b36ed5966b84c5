namespace CoopLine.Webhook.Staff;

/// <summary>Weekdays as the staff API writes them.</summary>
internal static class WeekdayNames
{
    /// <summary>A regular expression without anchors.</summary>
    public const string Shape = "mon|tue|wed|thu|fri|sat|sun";

    private static readonly string[] Names = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    public static string Write(DayOfWeek day) => Names[(int)day];

    /// <param name="name">Has the <see cref="Shape"/>.</param>
    public static DayOfWeek Read(string name) => (DayOfWeek)Array.IndexOf(Names, name);
}
