using CoopLine.Grains.Campaigns;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Campaigns;

[NoDatabase]
public sealed class Naming
{
    [Theory]
    [InlineData("a")]
    [InlineData("7")]
    [InlineData("tofu-2026-11")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    public void An_id_has_lower_case_letters_digits_and_hyphens(string id) => Assert.True(CampaignId.IsValid(id));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Tofu")]
    [InlineData("tofu 1")]
    [InlineData("tofu.1")]
    [InlineData("tofu_1")]
    [InlineData("tofu/1")]
    [InlineData("tofu\n")]
    [InlineData("とうふ")]
    [InlineData("٣")]
    [InlineData("01234567890123456789012345678901234567890123456789012345678901234")]
    public void Anything_else_is_none(string? text) => Assert.False(CampaignId.IsValid(text));
}
