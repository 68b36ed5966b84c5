using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Stories;

/// <summary>When the link is done, everything is there at once.</summary>
[Collection(typeof(StoryHost))]
public sealed class Q1_9(RunningSystem coop)
{
    [Fact]
    public async Task Menu_message_and_coupons_are_there_without_any_time_passing()
    {
        var tofu = await coop.Publish(Some.Campaign(businesses: ["store"]));
        var (phone, member) = await coop.Newcomer();
        var dialog = await coop.FillInForm(phone, member);
        var before = coop.Clock.GetUtcNow();

        await coop.Line.OpenAccountLinkDialog(dialog, phone.UserId);
        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);
        var done = await phone.WaitForMessage("連携が完了しました");

        Assert.Equal(before, coop.Clock.GetUtcNow());
        Assert.Equal(before, done.At);
        Assert.Contains("11月22日 10時", done.Text, StringComparison.Ordinal);
        Assert.Contains("いつでも解除できます", done.Text, StringComparison.Ordinal);
        Assert.Matches("^[0-9]{13}$", await coop.ShowCode(phone, tofu));
    }
}
