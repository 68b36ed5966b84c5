using System.Text.RegularExpressions;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Stories;

/// <summary>Private windows are no obstacle here: nothing is kept in the browser. Who still fails learns whom to call.</summary>
[Collection(typeof(StoryHost))]
public sealed partial class Q1_11(RunningSystem coop)
{
    [Fact]
    public async Task A_browser_that_keeps_nothing_links_and_so_does_one_that_takes_over_half_way()
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.TapLink(phone);
        var path = new Uri(coop.Host.Address, page.PathAndQuery);
        using var privateWindow = Browser();
        using var otherBrowser = Browser();

        using var form = await privateWindow.GetAsync(path);
        using var answers = new FormUrlEncodedContent(
            [new("memberNumber", member.Number), new("phone", member.Phone), new("birthDate", member.BirthDate)]);
        using var sent = await otherBrowser.PostAsync(path, answers);
        await coop.Line.OpenAccountLinkDialog(sent.Headers.Location!, phone.UserId);
        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);

        Assert.False(form.Headers.Contains("Set-Cookie"));
        Assert.False(sent.Headers.Contains("Set-Cookie"));
        Assert.True(await coop.IsLinked(member.Number, phone));
    }

    [Fact]
    public async Task The_page_and_its_script_keep_nothing_in_the_browser()
    {
        var phone = await coop.NewFriend();
        var page = await coop.Visit(await coop.TapLink(phone));

        var script = ScriptAddress().Match(page.Text).Groups[1].Value;
        var code = await coop.Http.GetStringAsync(new Uri(coop.Host.Address, script));

        Assert.Contains("deadline", code, StringComparison.Ordinal);
        Assert.DoesNotMatch("cookie|localStorage|sessionStorage|indexedDB|caches", code);
        Assert.DoesNotContain("type=\"hidden\"", page.Text, StringComparison.Ordinal);
        LinkingSteps.AssertNamesWhomToCall(page.Text);
    }

    private static HttpClient Browser() => new(new HttpClientHandler { UseCookies = false, AllowAutoRedirect = false });

    [GeneratedRegex("<script type=\"module\" src=\"([^\"]+)\"")]
    private static partial Regex ScriptAddress();
}
