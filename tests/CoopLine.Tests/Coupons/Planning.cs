using System.Collections.Frozen;
using System.Collections.Immutable;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Redemptions;
using CoopLine.Grains.Registry;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Coupons;

/// <summary>A plan alone, over thousands of random facts and purchases, against its rules written down once more, one by one.</summary>
[NoDatabase]
public sealed class Planning
{
    private const int Cases = 20_000;
    private const string Code = "2000000000008";

    private static readonly DateTimeOffset Now = new(2026, 11, 22, 10, 0, 0, TimeSpan.FromHours(9));

    private static readonly Room NoLimit = new(long.MaxValue, Counted.Nowhere);

    private static readonly ReceiptKey Receipt = new(new(2026, 11, 22), "0123", "05", "000481");

    [Fact]
    public void Every_coupon_of_the_code_is_used_or_refused_for_the_first_reason_there_is()
    {
        var chance = Chance.New(out _);
        var met = new HashSet<RefusalReason>();
        var used = 0;
        for (var i = 0; i < Cases; i++)
        {
            var facts = Facts(chance);
            var purchase = Purchase(chance);

            var plan = Plan.Of(facts, purchase, Now);

            if (facts.Code is not { } code)
            {
                var reason = purchase.Code == Code ? RefusalReason.CodeUnknown : RefusalReason.CodeMistyped;
                Assert.Equal([new Refusal(null, reason)], plan.Refusals);
                met.Add(reason);
                continue;
            }

            Assert.Equal(
                code.Campaigns.Order(), plan.Uses.Select(use => use.Discount.Campaign).Concat(plan.Refusals.Select(one => one.Campaign!)).Order());
            foreach (var refusal in plan.Refusals)
            {
                met.Add(refusal.Reason);
                Assert.Equal(
                    WhyNot(facts, refusal.Campaign!) ?? WhyNoUnit(facts, facts.Campaigns[refusal.Campaign!], purchase, plan), refusal.Reason);
                Assert.Equal(refusal.Reason == RefusalReason.AlreadyUsed ? Now.AddDays(-1) : null, refusal.UsedAt);
            }

            Assert.All(plan.Uses, use =>
            {
                Assert.Null(WhyNot(facts, use.Discount.Campaign));
                Assert.Equal(facts.Campaigns[use.Discount.Campaign].Version, use.Version);
                var line = purchase.Lines.Single(one => one.Line == use.Discount.Line);
                Assert.InRange(use.Discount.Amount, 1, line.UnitPrice);
                Assert.Equal(facts.Campaigns[use.Discount.Campaign].Definition.Limits?.At(Receipt.Store), use.Limits);
            });
            Assert.All(
                plan.Uses.GroupBy(use => use.Discount.Line),
                line => Assert.True(line.Count() <= purchase.Lines.Single(one => one.Line == line.Key).Quantity));
            Assert.True(plan.Decision!.Value.IsOf(purchase.Attempt));
            used += plan.Uses.Length;
        }

        Assert.True(used > Cases / 10, $"{used} uses");
        Assert.Equal(Enum.GetValues<RefusalReason>().ToHashSet(), met);
    }

    [Fact]
    public void It_is_sure_without_the_person_s_uses_only_if_the_one_coupon_will_tell_and_there_is_no_other_number()
    {
        var chance = Chance.New(out _);
        for (var i = 0; i < Cases; i++)
        {
            var facts = Facts(chance) with { UsesAreKnown = false };

            var plan = Plan.Of(facts, Purchase(chance), Now);

            Assert.Equal(
                facts.Code is { Campaigns.Length: 1, EarlierMembers.Length: 0 } && facts.Holder.Predecessors.Length == 0 && plan.Uses.Length == 1,
                plan.IsSure(facts));
            Assert.True(plan.IsSure(facts with { UsesAreKnown = true }));
        }
    }

    private static RefusalReason? WhyNot(Facts facts, string id)
    {
        if (Now >= facts.Code!.ExpiresAt) return RefusalReason.CodeExpired;
        if (!facts.Holder.LinkStands) return RefusalReason.NotLinked;
        if (!facts.Campaigns.TryGetValue(id, out var campaign)) return RefusalReason.Stopped;
        if (campaign.Status == CampaignStatus.Draft) return RefusalReason.NotStarted;
        if (campaign.Status == CampaignStatus.Stopped) return RefusalReason.Stopped;
        if (Now < campaign.Definition.StartsAt) return RefusalReason.NotStarted;
        if (Now >= campaign.Definition.EndsAt) return RefusalReason.Ended;
        if (campaign.Definition.Businesses is { } businesses && !businesses.Intersect(facts.Holder.Businesses).Any())
            return RefusalReason.NotInAudience;
        if (campaign.Definition.Conditions is { Weekdays: [var day] } && day != DayOfWeek.Sunday) return RefusalReason.NotToday;
        if (campaign.Definition.Conditions?.Hours is { } hours && hours.From > new TimeOnly(10, 0)) return RefusalReason.NotNow;
        if (campaign.Definition.Stores is { } stores && !stores.Contains(Receipt.Store)) return RefusalReason.StoreNotEligible;
        if (campaign.Definition.IssuedToList && (campaign.List is not { } list || !facts.Holder.Lists.Contains(list.Id)))
            return RefusalReason.NotIssued;
        if (facts.Uses.Any(use => use.Campaign == id)) return RefusalReason.AlreadyUsed;
        return facts.Rooms.TryGetValue(id, out var room) && room.Yen == 0 ? RefusalReason.SoldOut : null;
    }

    private static RefusalReason WhyNoUnit(Facts facts, Campaign campaign, Purchase purchase, Plan plan)
    {
        var conditions = campaign.Definition.Conditions ?? CampaignConditions.None;
        var named = purchase.Lines.Where(line => campaign.Definition.Items.Categories.Contains(line.Category!)).ToArray();
        var meant = named.Where(line => conditions.Excluded?.Categories.Contains(line.Category!) is not true).ToArray();
        var allowed = meant.Where(line => line.Markdown == Markdown.No
            || (line.Markdown == Markdown.Unknown && campaign.Definition.UnknownMarkdown == UnknownMarkdown.Allow)).ToArray();
        var amounts = allowed.Select(line => campaign.Definition.Discount.AmountOff(line.UnitPrice)).Where(amount => amount > 0).ToArray();
        var mates = plan.Uses.Where(use =>
            conditions.ExclusiveGroup is { } group && facts.Campaigns[use.Discount.Campaign].Definition.Conditions?.ExclusiveGroup == group);
        return named.Length == 0 ? RefusalReason.NoEligibleItem
            : meant.Length == 0 ? RefusalReason.ExcludedItem
            : conditions.MinimumSpend > meant.Sum(line => line.Quantity * line.UnitPrice) ? RefusalReason.BelowMinimum
            : allowed.Length == 0 ? RefusalReason.MarkedDown
            : amounts.Length == 0 ? RefusalReason.NoSaving
            : amounts.All(amount => amount > facts.Rooms.GetValueOrDefault(campaign.Id, NoLimit).Yen) ? RefusalReason.SoldOut
            : mates.Any() ? RefusalReason.Exclusive
            : RefusalReason.TakenByAnother;
    }

    private static Facts Facts(Random chance)
    {
        string[] ids = ["a", "b", "c"];
        var campaigns = ids.Where(_ => chance.Next(20) > 0).ToFrozenDictionary(id => id, id => Campaign(chance, id));
        ImmutableArray<string> chosen = [.. ids.Take(chance.Next(1, 4))];
        var grant = chance.Next(20) == 0 ? null : new CodeGrant(
            "U-1", "1001", "link", 2, chance.Next(5) == 0 ? ["1000"] : [], chosen, chance.Next(10) == 0 ? Now : Now.AddTicks(1));
        var holder = new Holder(
            chance.Next(10) > 0, chance.Next(4) > 0 ? [Business.Store] : [Business.HomeDelivery], chance.Next(5) == 0 ? ["999"] : [], 1, 1,
            chance.Next(2) == 0 ? ["list"] : ["older list"]);
        var uses = chosen.Where(_ => chance.Next(6) == 0).Select(id => new StandingUse(
            id, new(Receipt with { Number = "1" }, null, "U-1", 1, Now.AddDays(-1), 1, 30, 1, new Decision("01"))));
        var rooms = ids.Where(_ => chance.Next(8) == 0).ToImmutableDictionary(id => id, _ => new Room(chance.Next(2) * chance.Next(100), Counted.All));
        return new(grant, holder, campaigns, [.. uses], UsesAreKnown: true, Remembered: false, rooms);
    }

    private static Campaign Campaign(Random chance, string id) => new(
        id, chance.Next(1, 5), chance.Next(8) switch { 0 => CampaignStatus.Draft, 1 => CampaignStatus.Stopped, _ => CampaignStatus.Published },
        new(
            id, null, chance.Next(2) == 0 ? new(DiscountType.Yen, chance.Next(1, 300)) : new(DiscountType.Percent, chance.Next(1, 100)),
            new([], [], [id == "c" ? "2" : "1"]),
            chance.Next(6) == 0 ? ["0999"] : null,
            chance.Next(4) == 0 ? [Business.Store] : null,
            chance.Next(8) == 0 ? Now.AddTicks(1) : Now, chance.Next(8) == 0 ? Now : Now.AddTicks(1),
            chance.Next(2) == 0 ? UnknownMarkdown.Allow : UnknownMarkdown.Refuse,
            Conditions: chance.Next(3) == 0 ? Conditions(chance) : null,
            Limits: chance.Next(3) == 0 ? new(new(10, null), null, null, chance.Next(2) == 0 ? new(null, 500) : null) : null,
            IssuedToList: chance.Next(6) == 0),
        null,
        List: chance.Next(4) > 0 ? new("list", 1) : null);

    private static CampaignConditions Conditions(Random chance) => new(
        chance.Next(4) == 0 ? chance.Next(1, 1000) : null,
        SpendOn.Items,
        chance.Next(8) switch { 0 => [DayOfWeek.Sunday], 1 => [DayOfWeek.Monday], _ => [] },
        chance.Next(8) switch { 0 => new(new(10, 0), new(11, 0)), 1 => new(new(10, 1), new(11, 0)), _ => null },
        chance.Next(4) == 0 ? new([], [], [$"{chance.Next(1, 4)}"]) : null,
        chance.Next(2) == 0 ? "group" : null);

    private static Purchase Purchase(Random chance) => new(
        Receipt, Now, chance.Next(4) == 0 ? "2000000000009" : Code,
        [
            .. Enumerable.Range(1, chance.Next(1, 5)).Select(line => new SaleLine(
                line, null, $"{chance.Next(1, 4)}", chance.Next(1, 3), chance.Next(1, 500),
                chance.Next(3) == 0 ? (Markdown)chance.Next(3) : Markdown.No)),
        ],
        "hash");
}
