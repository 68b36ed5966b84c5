using CoopLine.Grains.Campaigns;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Campaigns;

[NoDatabase]
public sealed class Discounting
{
    [Theory]
    [InlineData(DiscountType.Yen, 30, 198, 30)]
    [InlineData(DiscountType.Yen, 30, 30, 30)]
    [InlineData(DiscountType.Yen, 30, 29, 29)]
    [InlineData(DiscountType.Yen, 30, 0, 0)]
    [InlineData(DiscountType.Yen, -5, 198, 0)]
    [InlineData(DiscountType.Percent, 10, 198, 19)]
    [InlineData(DiscountType.Percent, 1, 99, 0)]
    [InlineData(DiscountType.Percent, 1, 100, 1)]
    [InlineData(DiscountType.Percent, 33, 100, 33)]
    [InlineData(DiscountType.Percent, 100, 199, 199)]
    [InlineData(DiscountType.Percent, 50, int.MaxValue, int.MaxValue / 2)]
    [InlineData(DiscountType.Percent, 200, 100, 100)]
    [InlineData(DiscountType.Price, 150, 198, 48)]
    [InlineData(DiscountType.Price, 198, 198, 0)]
    [InlineData(DiscountType.Price, 250, 198, 0)]
    [InlineData(DiscountType.Price, 0, 198, 198)]
    [InlineData(DiscountType.Price, -10, 198, 198)]
    [InlineData(DiscountType.Yen, 30, -198, 0)]
    public void A_unit_gets_whole_yen_off_and_never_more_than_it_costs(
        DiscountType type, int value, int unitPrice, int off) =>
        Assert.Equal(off, new Discount(type, value).AmountOff(unitPrice));
}
