using System.Net;
using CoopLine.Grains;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Linking;

/// <summary>Deadlines of the link page, to the millisecond (product rule 1.2, Q1-10).</summary>
[Collection(typeof(LinkingHost))]
public sealed class Ten_minutes(RunningSystem coop)
{
    private static readonly TimeSpan TenMinutes = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Instant = TimeSpan.FromMilliseconds(1);

    [Fact]
    public async Task The_form_is_taken_at_9_59_999_and_not_at_10_00()
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);

        coop.Clock.Advance(TenMinutes - Instant);
        Assert.Equal(HttpStatusCode.OK, (await coop.Visit(page)).Status);
        Assert.NotNull((await coop.Answer(page, member)).Location);
        coop.Clock.Advance(Instant);

        Assert.Equal(HttpStatusCode.Gone, (await coop.Visit(page)).Status);
        Assert.Equal(HttpStatusCode.Gone, (await coop.Answer(page, member)).Status);
    }

    [Fact]
    public async Task Reloading_does_not_start_the_ten_minutes_again_and_shows_what_is_left()
    {
        var phone = await coop.NewFriend();
        var page = await coop.OpenPage(phone);

        Assert.Contains("10分0秒", (await coop.Visit(page)).Text, StringComparison.Ordinal);
        coop.Clock.Advance(TimeSpan.FromSeconds(9 * 60 + 30));
        Assert.Contains("0分30秒", (await coop.Visit(page)).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await coop.Open(page));
        coop.Clock.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(HttpStatusCode.Gone, (await coop.Visit(page)).Status);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("Sec-Purpose", "prefetch;prerender")]
    [InlineData("User-Agent", "facebookexternalhit/1.1;line-poker/1.0")]
    public async Task Whoever_asks_for_the_page_and_shows_it_to_nobody_does_not_start_them(string? header, string? value)
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.TapLink(phone);
        using var request = new HttpRequestMessage(HttpMethod.Get, page);
        if (header is not null) request.Headers.TryAddWithoutValidation(header, value);

        using var crawled = await coop.Http.SendAsync(request);
        coop.Clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(HttpStatusCode.OK, crawled.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await coop.Visit(page)).Status);
        Assert.Equal(HttpStatusCode.OK, await coop.Open(page));
        Assert.Contains("10分0秒", (await coop.Visit(page)).Text, StringComparison.Ordinal);
        Assert.NotNull((await coop.Answer(page, member)).Location);
    }

    [Fact]
    public async Task A_browser_without_scripts_starts_them_by_sending_the_form()
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.TapLink(phone);
        coop.Clock.Advance(TimeSpan.FromMinutes(30));

        var refused = await coop.Answer(page, member, birthDate: "1971");
        coop.Clock.Advance(TenMinutes - Instant);
        var taken = await coop.Answer(page, member);
        coop.Clock.Advance(Instant);

        Assert.Contains("10分0秒", refused.Text, StringComparison.Ordinal);
        Assert.NotNull(taken.Location);
        Assert.Equal(HttpStatusCode.Gone, (await coop.Answer(page, member)).Status);
    }

    [Fact]
    public async Task Neither_wrong_answers_nor_a_restart_start_them_again()
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);

        coop.Clock.Advance(TimeSpan.FromMinutes(9));
        await coop.Answer(page, member, phone: "0312345678");
        await coop.Answer(page, member, birthDate: "");
        await coop.Restart();
        coop.Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(HttpStatusCode.Gone, (await coop.Answer(page, member)).Status);
    }

    [Fact]
    public async Task The_page_of_an_unopened_message_opens_for_24_hours_and_no_longer()
    {
        var (inTime, late) = (await coop.NewFriend(), await coop.NewFriend());
        var (pageInTime, pageLate) = (await coop.TapLink(inTime), await coop.TapLink(late));

        coop.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMilliseconds(2));
        Assert.Equal(HttpStatusCode.OK, await coop.Open(pageInTime));
        coop.Clock.Advance(TimeSpan.FromMilliseconds(2));

        Assert.Equal(HttpStatusCode.Gone, await coop.Open(pageLate));
        Assert.Equal(HttpStatusCode.Gone, (await coop.Visit(pageLate)).Status);
        Assert.Equal(HttpStatusCode.OK, (await coop.Visit(pageInTime)).Status); // its ten minutes run
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    public async Task LINE_s_event_is_judged_by_its_own_time_however_late_it_arrives(int milliseconds, bool links)
    {
        var (phone, member) = await coop.Newcomer();
        var opened = await coop.OpenPage(phone);
        var deadline = coop.Clock.GetUtcNow() + TenMinutes;
        coop.Clock.Advance(TimeSpan.FromMinutes(1));
        var dialog = (await coop.Answer(opened, member)).Location!;

        coop.Clock.Advance(deadline - coop.Clock.GetUtcNow() + TimeSpan.FromMilliseconds(milliseconds));
        coop.Line.Trouble.Webhooks.HoldBack = true;
        await coop.Line.OpenAccountLinkDialog(dialog, phone.UserId);
        coop.Clock.Advance(TimeSpan.FromHours(3));
        await coop.Line.ReleaseWebhooks();
        await phone.Settle();

        Assert.Equal(links, await coop.IsLinked(member.Number, phone));
        Assert.Equal(links ? 1 : 0, phone.Count("連携が完了しました"));
        Assert.Equal(links ? 0 : 1, phone.Count("10分を過ぎたため、連携できませんでした"));
        Assert.Equal(links ? LinkingSteps.LinkedMenu : LinkingSteps.DefaultMenu, phone.RichMenu);
    }

    [Fact]
    public async Task An_event_that_CoopLine_could_not_take_counts_when_LINE_delivers_it_again_after_the_ten_minutes()
    {
        var (phone, member) = await coop.Newcomer();
        var dialog = await coop.FillInForm(phone, member);
        await coop.FailWriteOf(phone, Fault.BeforeTheWrite);

        var failed = await coop.Line.OpenAccountLinkDialog(dialog, phone.UserId);
        coop.Clock.Advance(TimeSpan.FromHours(1));
        var redelivered = await coop.Line.RedeliverFailed();
        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, failed.WebhookStatus);
        Assert.Equal([HttpStatusCode.OK], redelivered);
        Assert.True(await coop.IsLinked(member.Number, phone));
    }

    [Fact]
    public async Task A_new_tap_ends_every_older_session_of_the_account()
    {
        var (phone, member) = await coop.Newcomer();
        var first = await coop.TapLink(phone);
        var second = await coop.OpenPage(phone);
        var third = await coop.TapLink(phone);

        foreach (var older in new[] { first, second })
        {
            var page = await coop.Visit(older);
            Assert.Equal(HttpStatusCode.Gone, page.Status);
            Assert.Contains("いちばん新しいご案内から開いてください", page.Text, StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.Gone, (await coop.Answer(older, member)).Status);
        }
        Assert.Equal(HttpStatusCode.OK, (await coop.Visit(third)).Status);
        Assert.NotNull((await coop.Answer(third, member)).Location);
    }

    /// <summary>As when the form is sent in the very moment in which a newer tap is taken.</summary>
    [Fact]
    public async Task An_open_session_that_is_not_the_account_s_takes_no_answers()
    {
        var (phone, member) = await coop.Newcomer();
        var newest = await coop.TapLink(phone);
        var other = new string('o', 32);
        await coop.Grains.Session(other).Issue(phone.UserId, coop.Clock.GetUtcNow());
        var page = new Uri(newest, other);
        Assert.Equal(HttpStatusCode.OK, (await coop.Visit(page)).Status);

        var right = await coop.Answer(page, member);
        var wrong = await coop.Answer(page, member, birthDate: "19000101");

        foreach (var answer in new[] { right, wrong })
        {
            Assert.Equal(HttpStatusCode.Gone, answer.Status);
            Assert.Contains("いちばん新しいご案内から開いてください", answer.Text, StringComparison.Ordinal);
        }

        Assert.Empty((await coop.Look(member.Number)).GetProperty("mismatches").EnumerateArray());
        Assert.NotNull((await coop.Answer(newest, member)).Location);
    }

    [Fact]
    public async Task A_new_tap_ends_the_nonce_of_the_older_session_too()
    {
        var (phone, member) = await coop.Newcomer();
        var dialog = await coop.FillInForm(phone, member);

        await coop.TapLink(phone);
        await coop.Line.OpenAccountLinkDialog(dialog, phone.UserId);
        await phone.Settle();

        Assert.True(await coop.IsFree(member.Number));
        Assert.Equal(0, phone.Count("連携が完了しました"));
    }

    [Fact]
    public async Task An_older_tap_that_arrives_late_does_not_end_the_newer_session()
    {
        var (phone, member) = await coop.Newcomer();
        coop.Line.Trouble.Webhooks.HoldBack = true;
        await phone.TapBanner("link");
        coop.Clock.Advance(TimeSpan.FromSeconds(5));
        coop.Line.Trouble.Webhooks.HoldBack = false;
        var newer = await coop.OpenPage(phone);

        await coop.Line.ReleaseWebhooks();
        await phone.Settle();

        Assert.Equal(newer, phone.LastLinkUri);
        Assert.NotNull((await coop.Answer(newer, member)).Location);
    }

    [Fact]
    public async Task Of_two_taps_in_one_call_only_the_last_page_works_and_the_first_one_says_so()
    {
        var phone = await coop.NewFriend();
        var now = coop.Clock.GetUtcNow();

        using var taken = await coop.Line.Deliver(
            LineEvents.Postback(phone.UserId, "action=link", now),
            LineEvents.Postback(phone.UserId, "action=link", now + Instant));
        await phone.Settle();

        var pages = phone.Messages.SelectMany(message => message.Buttons).Select(button => button.Uri)
            .Where(uri => uri?.Contains("/link/", StringComparison.Ordinal) == true).Select(uri => new Uri(uri!)).ToArray();
        Assert.Equal(HttpStatusCode.OK, (await coop.Visit(pages[^1])).Status);
        foreach (var older in pages[..^1]) Assert.Equal(HttpStatusCode.Gone, (await coop.Visit(older)).Status);
    }

    [Fact]
    public async Task The_address_is_unguessable_says_nothing_and_the_message_promises_that_it_can_be_undone()
    {
        var (phone, member) = await coop.Newcomer();

        var page = await coop.TapLink(phone);

        Assert.Matches("^/link/[A-Za-z0-9_-]{22,}$", page.PathAndQuery);
        Assert.DoesNotContain(phone.UserId, page.OriginalString, StringComparison.Ordinal);
        Assert.DoesNotContain(member.Number, page.OriginalString, StringComparison.Ordinal);
        Assert.Contains("連携は、いつでも解除できます", phone.Messages[^1].Text, StringComparison.Ordinal);
    }
}
