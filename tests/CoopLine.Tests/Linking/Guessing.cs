using System.Net;
using System.Text.Json;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Linking;

/// <summary>Guessing is stopped, also over restarts and in parallel (product rule 1.5).</summary>
public sealed class Guessing(RunningSystem coop) : IClassFixture<RunningSystem>
{
    private const string Wrong = "0312345678";
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Instant = TimeSpan.FromMilliseconds(1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Five_mismatches_lock_the_account_for_an_hour(bool restart)
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);
        await Miss(page, member, 3);
        if (restart) await coop.Restart();
        await Miss(page, member, 1);

        var locked = await coop.Answer(page, member, phone: Wrong);
        if (restart) await coop.Restart();

        Assert.Equal(HttpStatusCode.TooManyRequests, (await coop.Answer(page, member)).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, locked.Status);
        Assert.Contains("入力の間違いが続いたため", locked.Text, StringComparison.Ordinal);
        Assert.Equal("3600", locked.RetryAfter);
        LinkingSteps.AssertNamesWhomToCall(locked.Text);
        coop.Clock.Advance(Hour - Instant);
        page = await coop.TapLinkAtOnce(phone);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await coop.Answer(page, member)).Status);
        coop.Clock.Advance(Instant);
        Assert.NotNull((await coop.Answer(page, member)).Location);
    }

    [Fact]
    public async Task From_the_third_wrong_answer_on_the_page_says_how_many_are_left_and_the_fifth_says_that_it_is_locked()
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);

        var answers = new List<ShownPage>();
        for (var i = 0; i < 4; i++) answers.Add(await coop.Answer(page, member, phone: Wrong));
        var unknown = await coop.Answer(page, Some.Member());

        Assert.All(answers[..2], one => Assert.DoesNotContain("回間違えると", one.Text, StringComparison.Ordinal));
        Assert.Contains("あと2回間違えると", answers[2].Text, StringComparison.Ordinal);
        Assert.Contains("あと1回間違えると", answers[3].Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.TooManyRequests, unknown.Status);
        Assert.Contains("入力の間違いが続いたため", unknown.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_number_that_is_unknown_counts_and_warns_like_any_other_wrong_answer()
    {
        var page = await coop.OpenPage(await coop.NewFriend());
        for (var i = 0; i < 2; i++) await coop.Answer(page, Some.Member());

        Assert.Contains("あと2回間違えると", (await coop.Answer(page, Some.Member())).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reload_of_the_answer_sends_nothing_and_counts_nothing()
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);
        using var form = new FormUrlEncodedContent(
            [new("memberNumber", member.Number), new("phone", Wrong), new("birthDate", member.BirthDate)]);

        using var sent = await coop.Http.PostAsync(page, form);
        var answer = new Uri(page, sent.Headers.Location!);
        for (var i = 0; i < 6; i++)
        {
            var shown = await coop.Visit(answer);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, shown.Status);
            Assert.Contains($"value=\"{Wrong}\"", shown.Text, StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.SeeOther, sent.StatusCode);
        Assert.DoesNotContain(member.Number, answer.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, (await coop.Look(member.Number)).GetProperty("mismatches").GetArrayLength());
    }

    [Fact]
    public async Task An_answer_is_shown_in_its_own_session_only_and_names_the_trace_of_its_own_call()
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);
        using var form = new FormUrlEncodedContent(
            [new("memberNumber", member.Number), new("phone", Wrong), new("birthDate", member.BirthDate)]);
        using var sent = await coop.Http.PostAsync(page, form);
        var other = await coop.OpenPage(await coop.NewFriend());

        var elsewhere = await coop.Visit(new(other + new Uri(page, sent.Headers.Location!).Query));
        var broken = await coop.Visit(new(page + "?shown=x"));
        var once = await coop.Visit(new Uri(page, sent.Headers.Location!));
        var again = await coop.Visit(new Uri(page, sent.Headers.Location!));

        Assert.Equal(HttpStatusCode.OK, elsewhere.Status);
        Assert.DoesNotContain(member.Number, elsewhere.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, broken.Status);
        Assert.Equal(Trace(once), Trace(again));

        static string Trace(ShownPage page) => System.Text.RegularExpressions.Regex.Match(page.Text, "<code>([0-9a-f]+)</code>").Groups[1].Value;
    }

    [Fact]
    public async Task Numbers_that_do_not_exist_count_as_well()
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);
        for (var i = 0; i < 4; i++)
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await coop.Answer(page, Some.Member())).Status);

        Assert.Equal(HttpStatusCode.TooManyRequests, (await coop.Answer(page, Some.Member())).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await coop.Answer(page, member)).Status);
    }

    [Fact]
    public async Task Mismatches_older_than_an_hour_do_not_count()
    {
        var (phone, member) = await coop.Newcomer();
        await Miss(await coop.OpenPage(phone), member, 4);

        coop.Clock.Advance(Hour);
        var page = await coop.OpenPage(phone);
        await Miss(page, member, 1);

        Assert.NotNull((await coop.Answer(page, member)).Location);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Twenty_mismatches_by_several_accounts_lock_the_number_for_a_day(bool restart)
    {
        var (guesser, member) = await coop.Newcomer();
        await Miss(await coop.OpenPage(guesser), member, 4);
        for (var i = 0; i < 3; i++) await Miss(await coop.OpenPage(await coop.NewFriend()), member, 4);
        if (restart) await coop.Restart();
        await Miss(await coop.OpenPage(await coop.NewFriend()), member, 4);
        if (restart) await coop.Restart();
        var owner = await coop.NewFriend();

        var locked = await coop.Answer(await coop.OpenPage(owner), member);

        Assert.Equal(HttpStatusCode.TooManyRequests, locked.Status);
        var until = (await coop.Look(member.Number)).GetProperty("locks").GetProperty("numberLockedUntil").GetDateTimeOffset();
        Assert.Equal(coop.Clock.GetUtcNow() + TimeSpan.FromDays(1), until, TimeSpan.FromSeconds(1));
        coop.Clock.Advance(until - coop.Clock.GetUtcNow() - Instant);
        var page = await coop.TapLinkAtOnce(owner);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await coop.Answer(page, member)).Status);
        coop.Clock.Advance(Instant);
        Assert.NotNull((await coop.Answer(page, member)).Location);
    }

    [Fact]
    public async Task Two_strangers_who_guess_all_day_do_not_lock_the_member_out()
    {
        var member = await coop.NewMember();
        SimulatedPhone[] strangers = [await coop.NewFriend(), await coop.NewFriend()];
        for (var hour = 0; hour < 6; hour++)
        {
            foreach (var stranger in strangers) await Miss(await coop.OpenPage(stranger), member, 5);
            coop.Clock.Advance(Hour);
        }

        Assert.NotNull((await coop.Answer(await coop.OpenPage(await coop.NewFriend()), member)).Location);
        Assert.Equal(60, (await coop.Look(member.Number)).GetProperty("mismatches").GetArrayLength());
    }

    [Fact]
    public async Task A_number_that_is_not_in_the_registry_locks_like_any_other()
    {
        var nobody = Some.Member();
        for (var i = 0; i < 5; i++) await Miss(await coop.OpenPage(await coop.NewFriend()), nobody, 4);

        var locked = await coop.Answer(await coop.OpenPage(await coop.NewFriend()), nobody);

        Assert.Equal(HttpStatusCode.TooManyRequests, locked.Status);
    }

    [Fact]
    public async Task A_locked_account_cannot_try_other_numbers_and_a_locked_number_does_not_lock_others()
    {
        var (phone, member) = await coop.Newcomer();
        var other = await coop.NewMember();
        var page = await coop.OpenPage(phone);
        await Miss(page, member, 5);

        Assert.Equal(HttpStatusCode.TooManyRequests, (await coop.Answer(page, other)).Status);
        var pageOfAnother = await coop.OpenPage(await coop.NewFriend());
        Assert.NotNull((await coop.Answer(pageOfAnother, other)).Location);
        Assert.NotNull((await coop.Answer(pageOfAnother, member)).Location);
    }

    [Fact]
    public async Task Of_32_guesses_at_once_from_one_account_five_are_compared()
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);

        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => coop.Answer(page, member, phone: $"03{i:D8}")));

        Assert.Equal(4, answers.Count(one => one.Status == HttpStatusCode.UnprocessableEntity));
        Assert.Equal(28, answers.Count(one => one.Status == HttpStatusCode.TooManyRequests));
        Assert.Equal(5, (await coop.Look(member.Number)).GetProperty("mismatches").GetArrayLength());
    }

    [Fact]
    public async Task Of_32_guesses_at_once_from_eight_accounts_twenty_are_compared()
    {
        var member = await coop.NewMember();
        var pages = new List<Uri>();
        for (var i = 0; i < 8; i++) pages.Add(await coop.OpenPage(await coop.NewFriend()));

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 32).Select(i => coop.Answer(pages[i % 8], member, phone: $"03{i:D8}")));

        Assert.Equal(20, answers.Count(one => one.Status == HttpStatusCode.UnprocessableEntity));
        Assert.Equal(12, answers.Count(one => one.Status == HttpStatusCode.TooManyRequests));
    }

    [Fact]
    public async Task Staff_find_the_wrong_answers_of_a_number_that_does_not_exist_and_clear_the_accounts_lock_by_it()
    {
        var (phone, member) = await coop.Newcomer();
        var mistyped = Some.Member();
        var page = await coop.OpenPage(phone);
        await Miss(page, mistyped, 5);
        var seen = await coop.Look(mistyped.Number);
        Assert.Equal("notInRegistry", seen.GetProperty("mismatches")[0].GetProperty("fields")[0].GetString());
        Assert.NotEqual(JsonValueKind.Null, seen.GetProperty("locks").GetProperty("accountLockedUntil").ValueKind);

        await coop.ClearLocks(mistyped.Number);

        Assert.NotNull((await coop.Answer(page, member)).Location);
    }

    [Fact]
    public async Task Wrong_answers_from_before_a_number_was_known_do_not_lock_it()
    {
        var member = Some.Member();
        for (var i = 0; i < 3; i++) await Miss(await coop.OpenPage(await coop.NewFriend()), member, 4);

        await coop.Register(member);

        Assert.NotNull((await coop.Answer(await coop.OpenPage(await coop.NewFriend()), member)).Location);
    }

    [Fact]
    public async Task Staff_clear_both_locks_and_it_is_recorded()
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);
        await Miss(page, member, 5);
        for (var i = 0; i < 3; i++) await Miss(await coop.OpenPage(await coop.NewFriend()), member, 5);
        var locks = (await coop.Look(member.Number)).GetProperty("locks");
        Assert.NotEqual(JsonValueKind.Null, locks.GetProperty("numberLockedUntil").ValueKind);
        Assert.NotEqual(JsonValueKind.Null, locks.GetProperty("accountLockedUntil").ValueKind);

        await coop.ClearLocks(member.Number);

        locks = (await coop.Look(member.Number)).GetProperty("locks");
        Assert.Equal(JsonValueKind.Null, locks.GetProperty("numberLockedUntil").ValueKind);
        Assert.Equal(JsonValueKind.Null, locks.GetProperty("accountLockedUntil").ValueKind);
        Assert.NotNull((await coop.Answer(page, member)).Location);
        var row = Assert.Single(await coop.Ledger(member.Number, "locksCleared"));
        Assert.Equal("tester", row.GetProperty("actor").GetString());
    }

    [Fact]
    public async Task A_member_number_of_another_length_than_the_co_ops_is_told_and_costs_no_try()
    {
        await using var strict = new RunningSystem
        {
            Also = { ["CoopLine:Coop:MemberNumberDigits:0"] = "7", ["CoopLine:Coop:MemberNumberDigits:1"] = "9" },
        };
        await strict.InitializeAsync();
        var (phone, member) = await strict.Newcomer();
        var page = await strict.OpenPage(phone);

        for (var i = 0; i < 6; i++)
        {
            var answer = await strict.Answer(page, member, number: member.Number[..8]);
            Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
            Assert.Contains("組合員番号は7ケタか9ケタです。", answer.Text, StringComparison.Ordinal);
        }

        Assert.NotNull((await strict.Answer(page, member)).Location);
    }

    [Fact]
    public async Task What_cannot_be_read_is_no_guess()
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);

        for (var i = 0; i < 12; i++)
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await coop.Answer(page, member, phone: "123")).Status);
            Assert.Equal(HttpStatusCode.BadRequest, (await coop.Answer(page, member, birthDate: "710401")).Status);
            Assert.Equal(HttpStatusCode.BadRequest, (await coop.Answer(page, member, number: "A")).Status);
        }

        Assert.Equal(0, (await coop.Look(member.Number)).GetProperty("mismatches").GetArrayLength());
        Assert.NotNull((await coop.Answer(page, member)).Location);
    }

    private async Task Miss(Uri page, RegisteredMember member, int times)
    {
        for (var i = 1; i <= times; i++)
        {
            var status = (await coop.Answer(page, member, phone: Wrong)).Status;
            Assert.Equal(i < 5 ? HttpStatusCode.UnprocessableEntity : HttpStatusCode.TooManyRequests, status);
        }
    }
}
