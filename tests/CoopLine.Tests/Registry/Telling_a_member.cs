using CoopLine.Grains.Registry;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Registry;

/// <summary>What a member number, a phone number and a birth date are, wherever they come from.</summary>
[NoDatabase]
public sealed class Telling_a_member
{
    private static readonly DateOnly Today = new(2026, 11, 22);

    [Theory]
    [InlineData("0", "0")]
    [InlineData("　００１２－３４ ", "001234")]
    [InlineData("12345678901234567890", "12345678901234567890")]
    [InlineData("123456789012345678901", null)]
    [InlineData("", null)]
    [InlineData(" - ", null)]
    [InlineData("12a4", null)]
    [InlineData("١٢٣", null)]
    public void A_member_number_is_1_to_20_digits(string text, string? number) => Assert.Equal(number, MemberNumber.Read(text));

    [Theory]
    [InlineData("03-1234-5678", "0312345678")]
    [InlineData("+81 90 1234 5678", "09012345678")]
    [InlineData("9012345678", null)]
    [InlineData("090123456", null)]
    [InlineData("090123456789", null)]
    [InlineData("0901234567x", null)]
    [InlineData("", null)]
    public void A_phone_number_is_10_or_11_digits_from_0(string text, string? phone) => Assert.Equal(phone, Phone.Read(text));

    [Theory]
    [InlineData("19000101", true)]
    [InlineData("20261122", true)]
    [InlineData("18991231", false)]
    [InlineData("20261123", false)]
    [InlineData("19710231", false)]
    [InlineData("1971041", false)]
    [InlineData("1971-4-1", false)]
    [InlineData("", false)]
    public void A_birth_date_is_a_day_from_1900_to_today(string date, bool possible) =>
        Assert.Equal(possible, BirthDate.Day(date) is { } day && BirthDate.IsPossible(day, Today));
}
