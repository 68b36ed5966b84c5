using System.Globalization;
using System.Resources;
using CoopLine.Grains.Campaigns;

namespace CoopLine.Webhook.Pos;

/// <summary>What the cashier reads to the customer when a coupon is refused.</summary>
internal static class RefusalTexts
{
    private static readonly ResourceManager Texts = new(typeof(RefusalTexts));

    /// <param name="usedOn">The co-op's day of the earlier use, where known.</param>
    /// <param name="usedStore">The store's name, as the customer knows it.</param>
    public static string Sentence(RefusalReason reason, DateTimeOffset? usedOn, string? usedStore) =>
        (reason, usedOn, usedStore) switch
        {
            (RefusalReason.AlreadyUsed, { } day, { } store) => Format("AlreadyUsedOnAt", Day(day), store),
            (RefusalReason.AlreadyUsed, { } day, null) => Format("AlreadyUsedOn", Day(day)),
            _ => Text(reason.ToString()),
        };

    /// <summary>For a store that has no name in the settings.</summary>
    public static string StoreByNumber(string number) => Format("StoreByNumber", number);

    private static string Day(DateTimeOffset at) => at.ToString("M月d日", CultureInfo.InvariantCulture);

    private static string Format(string name, params string[] values) =>
        string.Format(CultureInfo.InvariantCulture, Text(name), values);

    private static string Text(string name) =>
        Texts.GetString(name, CultureInfo.InvariantCulture)
        ?? throw new MissingManifestResourceException($"There is no sentence for {name}.");
}
