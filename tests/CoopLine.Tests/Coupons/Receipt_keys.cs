using CoopLine.Grains.Coupons;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Coupons;

[NoDatabase]
public sealed class Receipt_keys
{
    [Fact]
    public void A_key_is_written_and_read_back()
    {
        var key = new ReceiptKey(new(2026, 11, 22), "0123", "05", "000481");

        Assert.Equal("2026-11-22/0123/05/000481", key.ToString());
        Assert.True(ReceiptKey.TryParse("2026-11-22/0123/05/000481", out var read));
        Assert.Equal(key, read);
    }

    [Fact]
    public void Zeros_in_front_make_another_receipt()
    {
        Assert.True(ReceiptKey.TryParse("2026-11-22/0123/05/000481", out var one));
        Assert.True(ReceiptKey.TryParse("2026-11-22/0123/5/000481", out var other));
        Assert.NotEqual(one, other);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("2026-11-22/0123/05")]
    [InlineData("2026-11-22/0123/05/000481/1")]
    [InlineData("2026-11-31/0123/05/000481")]
    [InlineData("2026-1-2/0123/05/000481")]
    [InlineData("22-11-2026/0123/05/000481")]
    [InlineData("2026-11-22//05/000481")]
    [InlineData("2026-11-22/0123/05/")]
    [InlineData("2026-11-22/0123/05/000481\n")]
    [InlineData("2026-11-22/0123/05/123456789012345678901")]
    [InlineData("2026-11-22/0123/05/0 1")]
    [InlineData("2026-11-22/0123/05/１")]
    [InlineData("2026-11-22/01_23/05/1")]
    public void Anything_else_is_no_key(string? text) => Assert.False(ReceiptKey.TryParse(text, out _));

    [Theory]
    [InlineData("0123", true)]
    [InlineData("A-z", true)]
    [InlineData("12345678901234567890", true)]
    [InlineData("123456789012345678901", false)]
    [InlineData("", false)]
    [InlineData("0123\n", false)]
    [InlineData("01_23", false)]
    [InlineData("１", false)]
    public void A_store_a_register_and_a_number_look_alike(string text, bool part) => Assert.Equal(part, ReceiptKey.IsPart(text));

    [Fact]
    public void Twenty_letters_digits_and_hyphens_are_a_part()
    {
        Assert.True(ReceiptKey.TryParse("2026-11-22/A-z/0/12345678901234567890", out var key));
        Assert.Equal("12345678901234567890", key.Number);
    }
}
