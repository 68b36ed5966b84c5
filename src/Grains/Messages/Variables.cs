using System.Globalization;
using System.Text.RegularExpressions;
using CoopLine.Grains.Campaigns;

namespace CoopLine.Grains.Messages;

/// <summary>What a wording may leave open, in braces.</summary>
public static partial class Variables
{
    /// <summary>The name of a member's home store, known when the message is frozen.</summary>
    public const string Store = "{store}";

    /// <summary>The day on which the message is frozen.</summary>
    public const string Date = "{date}";

    /// <summary>The title of the coupon on the card: written out when the message is defined, so that it is what is approved.</summary>
    public const string Coupon = "{coupon}";

    /// <summary>The last day of that coupon, written out likewise.</summary>
    public const string Until = "{until}";

    /// <summary>Yen that the reader's coupons saved that day; only in the message that tells it by itself.</summary>
    public const string Saved = "{saved}";

    private static readonly string[] All = [Store, Date, Coupon, Until, Saved];

    public static string Rule => "In braces stands one of " + string.Join(", ", All.Except([Saved])) + ".";

    /// <summary>Whether each brace belongs to a variable.</summary>
    public static bool AreValid(string text) =>
        !Brace().IsMatch(All.Aggregate(text, (rest, name) => rest.Replace(name, "", StringComparison.Ordinal)));

    /// <summary>What is about the coupon on a card.</summary>
    public static MessageContent WithCoupon(MessageContent content, CampaignDefinition offer, CoopTime time) => content.Rewrite(text => text
        .Replace(Coupon, WithoutBraces(offer.Title), StringComparison.Ordinal)
        .Replace(Until, Day(time.DayOf(offer.EndsAt.AddTicks(-1))), StringComparison.Ordinal));

    /// <summary>A title names no variables: its braces become full-width ones.</summary>
    private static string WithoutBraces(string title) => title.Replace('{', '\uFF5B').Replace('}', '\uFF5D');

    public static string Day(DateOnly day) => day.ToString("M月d日", CultureInfo.InvariantCulture);

    [GeneratedRegex("[{}]")]
    private static partial Regex Brace();
}
