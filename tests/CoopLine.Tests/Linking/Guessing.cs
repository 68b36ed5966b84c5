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
        await Miss(page, member, 2);
        if (restart) await coop.Restart();

        var locked = await coop.Answer(page, member);

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
    public async Task Numbers_that_do_not_exist_count_as_well()
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);
        for (var i = 0; i < 5; i++)
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await coop.Answer(page, Some.Member())).Status);

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

        Assert.Equal(5, answers.Count(one => one.Status == HttpStatusCode.UnprocessableEntity));
        Assert.Equal(27, answers.Count(one => one.Status == HttpStatusCode.TooManyRequests));
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
        for (var i = 0; i < times; i++)
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await coop.Answer(page, member, phone: Wrong)).Status);
    }
}
