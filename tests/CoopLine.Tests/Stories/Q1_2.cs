using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Stories;

/// <summary>Where the member number is printed is said where it is asked for.</summary>
[Collection(typeof(StoryHost))]
public sealed class Q1_2(RunningSystem coop)
{
    [Fact]
    public async Task The_page_tells_where_the_number_is_printed_for_those_who_get_deliveries_and_for_the_others()
    {
        var phone = await coop.NewFriend();

        var page = await coop.Visit(await coop.TapLink(phone));

        Assert.Contains("組合員番号はどこ?", page.Text, StringComparison.Ordinal);
        Assert.Matches("個配・共同購入をご利用の方.*「注文書」.*「お届け明細書兼請求書」", page.Text);
        Assert.Matches("そのほかの方.*「組合員証」", page.Text);
    }

    [Fact]
    public async Task A_number_may_be_typed_as_it_is_printed_or_as_the_keyboard_gives_it()
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);
        var asPrinted = $" {member.Number[..3]}-{member.Number[3..6]} {member.Number[6..]}";
        var fullWidth = string.Concat(asPrinted.Select(c => char.IsAsciiDigit(c) ? (char)(c - '0' + '０') : c));

        var answer = await coop.Answer(page, member, number: fullWidth);

        Assert.NotNull(answer.Location);
    }
}
