using System.Net;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Stories;

/// <summary>My phone number is refused: the co-op has an old one, and puts it right when asked.</summary>
[Collection(typeof(StoryHost))]
public sealed class Q1_3(RunningSystem coop)
{
    [Fact]
    public async Task The_number_in_use_is_refused_with_the_likely_cause_until_the_co_op_knows_it()
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);
        var today = "080" + member.Phone[3..];

        var refused = await coop.Answer(page, member, phone: today);
        await coop.Register(member with { Phone = today });
        var taken = await coop.Answer(page, member, phone: today);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains("電話番号が変わる前の、古い番号で登録されている", refused.Text, StringComparison.Ordinal);
        Assert.Contains("ご本人を確認して登録を直します", refused.Text, StringComparison.Ordinal);
        LinkingSteps.AssertNamesWhomToCall(refused.Text);
        await coop.Line.OpenAccountLinkDialog(taken.Location!, phone.UserId);
        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);
    }

    [Fact]
    public async Task Any_of_the_registered_numbers_will_do()
    {
        var member = Some.Member();
        var atHome = "03" + member.Phone[3..];
        await coop.Register(member with { Phone = $"{member.Phone};{atHome}" });
        var phone = await coop.NewFriend();
        var page = await coop.OpenPage(phone);

        Assert.NotNull((await coop.Answer(page, member)).Location);
        Assert.NotNull((await coop.Answer(page, member, phone: atHome)).Location);
        Assert.NotNull((await coop.Answer(page, member, phone: "+81 " + member.Phone[1..])).Location);
    }
}
