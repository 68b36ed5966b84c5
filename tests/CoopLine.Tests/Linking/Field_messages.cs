using CoopLine.Grains.Linking;
using CoopLine.Tests.Fixtures;
using CoopLine.Webhook.Linking;

namespace CoopLine.Tests.Linking;

/// <summary>What stands beside a field that cannot be read (Q1-4).</summary>
[NoDatabase]
public sealed class Field_messages
{
    public static TheoryData<string?, string?, string?> Forms() => new()
    {
        { null, null, null },
        { "abc", "abc", "abc" },
        { "123456789012345678901", "0901234567890", "1971041" },
        { "1234567", "9012345678", "S46" },
        { "1234567", "09012345678", "46.4.1" },
        { "1234567", "09012345678", "19710231" },
        { "1234567", "09012345678", "18991231" },
        { "1234567", "09012345678", "20261123" },
    };

    [Theory, MemberData(nameof(Forms))]
    public void Given_a_field_that_cannot_be_read_then_its_message_says_so_and_the_birth_date_shows_the_example(
        string? memberNumber, string? phone, string? birthDate)
    {
        var (_, errors) = LinkForm.Parse(memberNumber, phone, birthDate, new DateOnly(2026, 11, 22));

        Assert.NotEmpty(errors);
        foreach (var (field, problem) in errors)
        {
            var message = LinkTexts.All[$"{field}{problem}"];
            Assert.EndsWith(
                (field, problem) switch
                {
                    (LinkField.BirthDate, _) => "19710401",
                    (LinkField.Phone, not FieldProblem.Empty) => "09012345678",
                    _ => "。",
                },
                message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Given_a_mismatch_then_a_number_that_is_not_registered_yet_gets_the_same_answer_and_one_line_more()
    {
        var mismatch = LinkTexts.All["Mismatch"].Split('\n');
        var unknown = LinkTexts.All["NotInRegistry"].Split('\n');

        Assert.Equal(LinkTexts.All["MismatchTitle"], LinkTexts.All["NotInRegistryTitle"]);
        Assert.Equal("・加入したばかりで、まだ登録が済んでいない(数日お待ちください)", Assert.Single(unknown.Except(mismatch)));
        Assert.Empty(mismatch.Except(unknown));
    }
}
