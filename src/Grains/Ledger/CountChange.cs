namespace CoopLine.Grains.Ledger;

/// <summary>
/// A change of one of the numbers that a campaign limits. The statement that writes the use counts it too, and refuses the
/// use where its limit would be passed; so the number is the sum of the uses that stand, at any moment.
/// </summary>
/// <param name="Scope">Which of the campaign's numbers: see <see cref="CountScope"/>.</param>
/// <param name="Uses">1 for a use, −1 for one that is given back.</param>
/// <param name="Yen">Whole yen; negative when given back.</param>
/// <param name="UsesMax">Null for no limit, and when given back.</param>
/// <param name="YenMax">Null for no limit, and when given back.</param>
[GenerateSerializer, Immutable, Alias("coopline.count-change")]
public readonly record struct CountChange(
    [property: Id(0)] string Campaign,
    [property: Id(1)] string Scope,
    [property: Id(2)] int Uses,
    [property: Id(3)] long Yen,
    [property: Id(4)] int? UsesMax = null,
    [property: Id(5)] long? YenMax = null);

/// <summary>The numbers of one campaign by name.</summary>
public static class CountScope
{
    public const string All = "all";

    public const string StorePrefix = "store/";

    public const string DayPrefix = "day/";

    /// <summary>All that a use may be counted in.</summary>
    public static string[] Of(string store, DateOnly day) => [All, Store(store), Day(day)];

    public static string Store(string store) => StorePrefix + store;

    /// <returns>The store whose number this is; null for another number.</returns>
    public static string? StoreOf(string scope) =>
        scope.StartsWith(StorePrefix, StringComparison.Ordinal) ? scope[StorePrefix.Length..] : null;

    /// <param name="date">The receipt's business date.</param>
    public static string Day(DateOnly date) => $"{DayPrefix}{date:yyyy-MM-dd}";
}
