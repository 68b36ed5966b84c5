using CoopLine.Grains.Registry;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Registry;

[NoDatabase]
public sealed class Normalising
{
    [Theory]
    [InlineData("1234567")]
    [InlineData("１２３４５６７")]
    [InlineData(" 123 4567\t")]
    [InlineData("123　4567")]
    [InlineData("123-4567")]
    [InlineData("123‐4567")]
    [InlineData("123‑4567")]
    [InlineData("123–4567")]
    [InlineData("123—4567")]
    [InlineData("123―4567")]
    [InlineData("123−4567")]
    [InlineData("123－4567")]
    [InlineData("123ー4567")]
    [InlineData("123ｰ4567")]
    [InlineData("123─4567")]
    [InlineData("\u202A1234567\u202C")]
    [InlineData("\uFEFF123\u200B4567")]
    public void A_member_number_has_one_spelling(string typed) =>
        Assert.Equal("1234567", Normalise.MemberNumber(typed));

    [Fact]
    public void Zeros_in_front_of_a_member_number_stay() => Assert.Equal("0012", Normalise.MemberNumber("００-12"));

    [Theory]
    [InlineData("09012345678")]
    [InlineData("090-1234-5678")]
    [InlineData("０９０（１２３４）５６７８")]
    [InlineData("(090) 1234 5678")]
    [InlineData("090ー1234ー5678")]
    [InlineData("+819012345678")]
    [InlineData("+81 90-1234-5678")]
    [InlineData("+81 (0)90-1234-5678")]
    [InlineData("＋８１（０）９０－１２３４－５６７８")]
    [InlineData("(+81) 90 1234 5678")]
    public void A_phone_number_has_one_spelling(string typed) => Assert.Equal("09012345678", Normalise.Phone(typed));

    [Theory]
    [InlineData("+1 212 555 0100", "+12125550100")]
    [InlineData("81312345678", "81312345678")]
    [InlineData("", "")]
    public void What_is_no_Japanese_number_is_not_bent_into_one(string typed, string normalised) =>
        Assert.Equal(normalised, Normalise.Phone(typed));

    [Theory]
    [InlineData("19710401")]
    [InlineData("１９７１０４０１")]
    [InlineData("1971/04/01")]
    [InlineData("1971-04-01")]
    [InlineData("1971.04.01")]
    [InlineData("1971 04 01")]
    [InlineData("１９７１年０４月０１日")]
    public void A_birth_date_has_one_spelling(string typed) => Assert.Equal("19710401", Normalise.BirthDate(typed));

    [Fact]
    public void Normalising_twice_changes_nothing()
    {
        string[] typed = ["＋８１（０）９０ｰ１２３４", "昭和46年4月1日", "\uD800x", "㍼４６", "①②③"];

        Assert.All(typed, text =>
        {
            Assert.Equal(Normalise.MemberNumber(text), Normalise.MemberNumber(Normalise.MemberNumber(text)));
            Assert.Equal(Normalise.Phone(text), Normalise.Phone(Normalise.Phone(text)));
            Assert.Equal(Normalise.BirthDate(text), Normalise.BirthDate(Normalise.BirthDate(text)));
        });
    }
}
