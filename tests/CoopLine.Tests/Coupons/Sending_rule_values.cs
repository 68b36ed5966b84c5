using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Linking;
using CoopLine.Grains.Redemptions;
using CoopLine.Grains.Registry;
using CoopLine.Tests.Fixtures;
using Orleans.Serialization;

namespace CoopLine.Tests.Coupons;

/// <summary>The rule values travel between silos and arrive as they left.</summary>
[NoDatabase]
public sealed class Sending_rule_values
{
    [Fact]
    public void Every_value_arrives_equal()
    {
        using var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer>();
        var definition = new CampaignDefinition(
            "豆腐30円引き",
            null,
            new(DiscountType.Price, 98),
            new(["4901234567894"], [], ["1201"]),
            ["0123"],
            [Business.GroupBuying],
            new(2026, 11, 1, 0, 0, 0, TimeSpan.FromHours(9)),
            new(2026, 12, 1, 0, 0, 0, TimeSpan.FromHours(9)),
            UnknownMarkdown.Allow);
        var stopped = new Campaign("tofu", 3, CampaignStatus.Stopped, definition, definition.EndsAt);

        AssertArrives(stopped);
        AssertArrives(stopped with { StoppedAt = null });
        AssertArrives(definition with { Stores = null, Businesses = null });
        AssertArrives(new SaleLine(7, "4901234567894", null, 2, 198, Markdown.Unknown));
        AssertArrives(new AppliedDiscount("tofu", 7, 1, 30));
        AssertArrives(new ReceiptKey(new(2026, 11, 22), "0123", "05", "000481"));
        AssertArrives(RefusalReason.AlreadyUsed);
        AssertArrives(new LinkAnswers("1234567", "09012345678", "19710401"));
        AssertArrives(new FieldError(LinkField.BirthDate, FieldProblem.EraYear));

        void AssertArrives<T>(T value)
        {
            // As object, so that the type has to be named on the wire, as in a grain's answer.
            var bytes = serializer.SerializeToArray<object>(value!);
            Assert.Equal(value, serializer.Deserialize<object>(bytes));
        }
    }
}
