using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CoopLine.Grains.Accounts;
using CoopLine.Grains.Campaigns;

namespace CoopLine.Grains.Messages;

/// <summary>Which messages a rule defines on a day. Asked again, it is the same ones, with the same ids.</summary>
public static class AutomaticMessages
{
    /// <summary>What the ids of such messages begin with; nobody else gives a message such an id.</summary>
    public const string Reserved = "auto-";

    private const int IdMost = 64;

    internal static IEnumerable<(string Id, MessageDefinition Definition)> On(
        DateOnly day, AutomaticReason reason, AutomaticRule rule, IEnumerable<Campaign> campaigns, CoopTime time)
    {
        var at = time.At(day, rule.At);
        return reason switch
        {
            AutomaticReason.CouponStarts => campaigns
                .Where(campaign => IsOn(campaign, at) && at - campaign.Definition.StartsAt < TimeSpan.FromDays(1))
                .Select(campaign => (Id($"auto-starts-{campaign.Id}"), OfCoupon(rule, campaign, "開始", at, time))),
            AutomaticReason.CouponEnds => campaigns
                .Where(campaign => IsOn(campaign, at) && LastDay(campaign) == day.AddDays(rule.DaysBefore))
                .Select(campaign => (Id($"auto-ends-{Written(LastDay(campaign))}-{campaign.Id}"), OfCoupon(rule, campaign, "まもなく終了", at, time))),
            AutomaticReason.Saved => [(Id($"auto-saved-{Written(day)}"), OfSavings(rule, day, at))],
            _ => throw new ArgumentOutOfRangeException(nameof(reason)),
        };

        DateOnly LastDay(Campaign campaign) => time.DayOf(campaign.Definition.EndsAt.AddTicks(-1));
    }

    private static bool IsOn(Campaign campaign, DateTimeOffset at) =>
        campaign.Status == CampaignStatus.Published && campaign.Definition.StartsAt <= at && at < campaign.Definition.EndsAt;

    private static MessageDefinition OfCoupon(AutomaticRule rule, Campaign campaign, string what, DateTimeOffset at, CoopTime time)
    {
        var content = Variables.WithCoupon(rule.Content, campaign.Definition, time);
        if (content.Card is { } card)
            content = content with { Card = card with { Coupon = campaign.Id, Picture = card.Picture ?? campaign.Definition.Picture } };
        var audience = new Audience(Linked: true, Coupon: new(campaign.Id, Used: false));
        return new($"{campaign.Definition.Title}({what})", rule.Topic, MessageKind.Normal, audience, content, null, at, null, rule.CeilingYen);
    }

    private static MessageDefinition OfSavings(AutomaticRule rule, DateOnly day, DateTimeOffset at) => new(
        $"{Variables.Day(day)}の節約額", Topic.Saved, MessageKind.Normal, new(Linked: true, Saved: day), rule.Content, null, at, null, rule.CeilingYen);

    private static string Written(DateOnly day) => day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    /// <summary>As the id of a message can be.</summary>
    private static string Id(string id) =>
        id.Length <= IdMost ? id : "auto-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))[..32];
}
