using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Coupons;

[NoDatabase]
public sealed class Barcodes
{
    [Theory]
    [InlineData("4006381333931")]
    [InlineData("4901234567894")]
    [InlineData("036000291452")]
    [InlineData("73513537")]
    public void A_code_with_its_check_digit_is_valid_and_with_any_other_is_not(string code)
    {
        var valid = "0123456789".Where(digit => Jan.IsValid(code[..^1] + digit));

        Assert.Equal([code[^1]], valid);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("00000000000")]
    [InlineData("00000000000000")]
    [InlineData("400638133393X")]
    [InlineData("４００６３８１３３３９３１")]
    [InlineData(" 4006381333931")]
    public void Other_text_is_no_item_code(string code)
    {
        Assert.False(Jan.IsValid(code));
        Assert.False(Ean13.IsValid(code));
    }

    [Fact]
    public void A_coupon_code_has_thirteen_digits_even_where_an_item_code_may_be_shorter()
    {
        Assert.True(Ean13.IsValid("4006381333931"));
        Assert.False(Ean13.IsValid("036000291452"));
        Assert.False(Ean13.IsValid("73513537"));
        Assert.False(Ean13.IsValid("2512345678908"[..12] + "1"));
    }

    [Fact]
    public void The_check_digit_fills_up_to_ten()
    {
        Assert.Equal('1', Ean13.CheckDigit("400638133393"));
        Assert.Equal('0', Ean13.CheckDigit("000000000000"));
        Assert.Throws<ArgumentException>(() => Ean13.CheckDigit("12345678901"));
        Assert.Throws<ArgumentException>(() => Ean13.CheckDigit("12345678901a"));
    }

    [Fact]
    public void New_codes_are_valid_carry_the_prefix_and_differ()
    {
        var codes = Enumerable.Range(0, 1000).Select(_ => Ean13.NewCode("25")).ToArray();

        Assert.All(codes, code => Assert.True(Ean13.IsValid(code) && code.StartsWith("25", StringComparison.Ordinal)));
        // Two equal among 1000 of 10^10 codes: once in 20,000 runs; three equal never.
        Assert.InRange(codes.Distinct().Count(), 999, 1000);
        Assert.All(
            Enumerable.Range(2, 10),
            place => Assert.Equal(10, codes.Select(code => code[place]).Distinct().Count()));
    }

    [Theory]
    [InlineData("19")]
    [InlineData("30")]
    [InlineData("2")]
    [InlineData("2a")]
    [InlineData("200")]
    public void Only_in_store_prefixes_are_taken(string prefix) =>
        Assert.Throws<ArgumentException>(() => Ean13.NewCode(prefix));
}
