using System.Net;
using System.Text.Json;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Linking;

/// <summary>Whoever guesses learns nothing; staff learn which answer differed (product rule 1.4, Q1-3, Q1-5).</summary>
[Collection(typeof(RequestHost))]
public sealed class Answers_that_differ(RunningSystem coop)
{
    private const string OtherPhone = "0312345678";
    private const string OtherBirthDate = "19710402";

    [Fact]
    public async Task Every_difference_gets_the_same_words()
    {
        var answers = new Dictionary<string, ShownPage>
        {
            ["phone"] = await Differ(phone: OtherPhone),
            ["birth date"] = await Differ(birthDate: OtherBirthDate),
            ["both"] = await Differ(phone: OtherPhone, birthDate: OtherBirthDate),
            ["no phone registered"] = await Differ(member => member with { Phone = "" }),
            ["no birth date registered"] = await Differ(member => member with { BirthDate = "" }),
            ["withdrawn"] = await Differ(member => member with { Status = "withdrawn" }),
        };

        Assert.All(answers, one => Assert.Equal(HttpStatusCode.UnprocessableEntity, one.Value.Status));
        var words = LinkingSteps.WordsOf(answers["phone"].Text);
        Assert.All(answers, one => Assert.Equal(words, LinkingSteps.WordsOf(one.Value.Text)));
        LinkingSteps.AssertNamesWhomToCall(answers["phone"].Text);
    }

    [Theory]
    [InlineData(OtherPhone, null, "phone")]
    [InlineData(null, OtherBirthDate, "birthDate")]
    [InlineData(OtherPhone, OtherBirthDate, "phone,birthDate")]
    public async Task Staff_see_which_answer_differed(string? typedPhone, string? birthDate, string fields)
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);

        await coop.Answer(page, member, phone: typedPhone, birthDate: birthDate);

        var mismatch = Assert.Single((await coop.Look(member.Number)).GetProperty("mismatches").EnumerateArray());
        Assert.Equal(fields, Fields(mismatch));
        Assert.Equal(coop.Clock.GetUtcNow(), mismatch.GetProperty("at").GetDateTimeOffset());
    }

    [Fact]
    public async Task Staff_see_what_is_not_registered_and_never_the_answers_themselves()
    {
        var member = Some.Member();
        await coop.Register(member with { Phone = "", BirthDate = "" });
        var page = await coop.OpenPage(await coop.NewFriend());

        await coop.Answer(page, member);

        var seen = await coop.Look(member.Number);
        Assert.Equal("phoneNotRegistered,birthDateNotRegistered", Fields(seen.GetProperty("mismatches")[0]));
        Assert.DoesNotContain(member.Phone, seen.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(member.BirthDate, seen.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_number_that_is_not_in_the_registry_yet_is_told_that_new_members_appear_after_some_days()
    {
        var notYet = Some.Member();
        var phone = await coop.NewFriend();
        var page = await coop.OpenPage(phone);

        var refused = await coop.Answer(page, notYet);
        await coop.Register(notYet);
        var taken = await coop.Answer(page, notYet);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains("加入したばかりで、まだ登録が済んでいない(数日お待ちください)", refused.Text, StringComparison.Ordinal);
        LinkingSteps.AssertNamesWhomToCall(refused.Text);
        Assert.NotNull(taken.Location);
    }

    [Fact]
    public async Task A_refusal_carries_the_trace_id_for_the_counter_to_quote()
    {
        var answer = await Differ(phone: OtherPhone);

        Assert.Matches("<code>[0-9a-f]{32}</code>", answer.Text);
    }

    private async Task<ShownPage> Differ(
        Func<RegisteredMember, RegisteredMember>? registered = null, string? phone = null, string? birthDate = null)
    {
        var member = Some.Member();
        await coop.Register(registered?.Invoke(member) ?? member);
        var page = await coop.OpenPage(await coop.NewFriend());
        return await coop.Answer(page, member, phone: phone, birthDate: birthDate);
    }

    private static string Fields(JsonElement mismatch) =>
        string.Join(',', mismatch.GetProperty("fields").EnumerateArray().Select(field => field.GetString()));
}
