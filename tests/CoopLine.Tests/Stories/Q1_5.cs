using System.Net;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Stories;

/// <summary>My birth date is right and refused: it was not written down when the member joined.</summary>
[Collection(typeof(StoryHost))]
public sealed class Q1_5(RunningSystem coop)
{
    [Fact]
    public async Task A_birth_date_that_was_never_registered_is_refused_with_that_cause_until_the_co_op_adds_it()
    {
        var member = Some.Member();
        await coop.Register(member with { BirthDate = "" });
        var phone = await coop.NewFriend();
        var page = await coop.OpenPage(phone);

        var refused = await coop.Answer(page, member);
        await coop.Register(member);
        var taken = await coop.Answer(page, member);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains("生年月日が登録されていない(加入のときに書かなかった", refused.Text, StringComparison.Ordinal);
        LinkingSteps.AssertNamesWhomToCall(refused.Text);
        await coop.Line.OpenAccountLinkDialog(taken.Location!, phone.UserId);
        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);
    }
}
