using System.Text.RegularExpressions;
using CoopLine.Grains.Registry;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Registry;

[NoDatabase]
public sealed class Naming_businesses
{
    [Fact]
    public void Every_business_has_a_name_that_is_read_back_and_taken_from_staff()
    {
        var all = Enum.GetValues<Business>();

        Assert.Equal(["store", "home", "group"], all.Select(BusinessNames.Write));
        Assert.All(all, business => Assert.Equal(business, BusinessNames.Read(BusinessNames.Write(business))));
        Assert.All(all, business => Assert.Matches($"^({BusinessNames.Shape})$", BusinessNames.Write(business)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Store")]
    [InlineData("homeDelivery")]
    [InlineData("shop")]
    public void Nothing_else_is_one(string name)
    {
        Assert.Null(BusinessNames.Read(name));
        Assert.DoesNotMatch(new Regex($"^({BusinessNames.Shape})$"), name);
    }
}
