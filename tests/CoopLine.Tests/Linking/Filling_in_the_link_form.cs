using System.Collections.Immutable;
using CoopLine.Grains.Linking;
using CoopLine.Grains.Registry;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Linking;

[NoDatabase]
public sealed class Filling_in_the_link_form
{
    private const string Number = "1234567";
    private const string Phone = "09012345678";
    private const string Birth = "19710401";
    private static readonly DateOnly Today = new(2026, 11, 22);

    [Fact]
    public void Plain_answers_pass_as_they_are()
    {
        var (answers, errors) = LinkForm.Parse(Number, Phone, Birth, Today);

        Assert.Equal(new LinkAnswers(Number, Phone, Birth), answers);
        Assert.Empty(errors);
    }

    [Fact]
    public void Generous_typing_passes()
    {
        var (answers, _) = LinkForm.Parse("　１２３－４５６７ ", "＋８１（０）９０ー１２３４ー５６７８", "１９７１／０４／０１", Today);

        Assert.Equal(new LinkAnswers(Number, Phone, Birth), answers);
    }

    [Theory]
    [InlineData(null, FieldProblem.Empty)]
    [InlineData("", FieldProblem.Empty)]
    [InlineData(" 　-", FieldProblem.Empty)]
    [InlineData("A1234", FieldProblem.NotDigits)]
    [InlineData("一二三", FieldProblem.NotDigits)]
    [InlineData("١٢٣", FieldProblem.NotDigits)]
    [InlineData("123\uD800", FieldProblem.NotDigits)]
    [InlineData("123456789012345678901", FieldProblem.WrongLength)]
    [InlineData("12345678901234567890", null)]
    [InlineData("0", null)]
    public void The_member_number_is_one_to_twenty_digits(string? number, FieldProblem? problem) =>
        AssertOnly(LinkField.MemberNumber, problem, LinkForm.Parse(number, Phone, Birth, Today));

    [Theory]
    [InlineData(null, FieldProblem.Empty)]
    [InlineData("()", FieldProblem.Empty)]
    [InlineData("電話なし", FieldProblem.NotDigits)]
    [InlineData("+1 212 555 0100", FieldProblem.NotDigits)]
    [InlineData("9012345678", FieldProblem.NoLeadingZero)]
    [InlineData("090123456", FieldProblem.WrongLength)]
    [InlineData("090123456789", FieldProblem.WrongLength)]
    [InlineData("0312345678", null)]
    [InlineData("+81 3-1234-5678", null)]
    [InlineData("080-1234-5678", null)]
    public void The_phone_number_is_ten_or_eleven_digits_from_zero(string? phone, FieldProblem? problem) =>
        AssertOnly(LinkField.Phone, problem, LinkForm.Parse(Number, phone, Birth, Today));

    [Theory]
    [InlineData(null, FieldProblem.Empty)]
    [InlineData("//", FieldProblem.Empty)]
    [InlineData("1971/04/01", null)]
    [InlineData("1971.04.01", null)]
    [InlineData("1971年04月01日", null)]
    [InlineData("1971/4/1", null)]
    [InlineData("1971年4月1日", null)]
    [InlineData("3460401", FieldProblem.WrongLength)]
    [InlineData("1971041", FieldProblem.WrongLength)]
    [InlineData("197104010", FieldProblem.WrongLength)]
    [InlineData("1/4/1971", FieldProblem.WrongLength)]
    [InlineData("4月1日", FieldProblem.WrongLength)]
    [InlineData("昭和", FieldProblem.EraYear)]
    [InlineData("昭和46年", FieldProblem.EraYear)]
    [InlineData("S46", FieldProblem.EraYear)]
    [InlineData("S19710401", FieldProblem.EraYear)]
    [InlineData("昭和四十六年四月一日", FieldProblem.EraYear)]
    [InlineData("昭和0年4月1日", FieldProblem.ImpossibleDate)]
    [InlineData("昭和46年2月31日", FieldProblem.ImpossibleDate)]
    [InlineData("昭和64年1月8日", FieldProblem.ImpossibleDate)]
    [InlineData("平成元年1月7日", FieldProblem.ImpossibleDate)]
    [InlineData("平成31年5月1日", FieldProblem.ImpossibleDate)]
    [InlineData("令和8年11月23日", FieldProblem.Future)]
    [InlineData("明治32年12月31日", FieldProblem.TooLongAgo)]
    [InlineData("460401", FieldProblem.UnclearYear)]
    [InlineData("710401", FieldProblem.UnclearYear)]
    [InlineData("46.4.1", FieldProblem.UnclearYear)]
    [InlineData("46.13.1", FieldProblem.ImpossibleDate)]
    [InlineData("Sunday", FieldProblem.NotDigits)]
    [InlineData("1971-Apr-1", FieldProblem.NotDigits)]
    [InlineData("19710231", FieldProblem.ImpossibleDate)]
    [InlineData("19711301", FieldProblem.ImpossibleDate)]
    [InlineData("19710400", FieldProblem.ImpossibleDate)]
    [InlineData("20230229", FieldProblem.ImpossibleDate)]
    [InlineData("19000229", FieldProblem.ImpossibleDate)]
    [InlineData("01041971", FieldProblem.ImpossibleDate)]
    [InlineData("00000101", FieldProblem.ImpossibleDate)]
    [InlineData("20240229", null)]
    [InlineData("18991231", FieldProblem.TooLongAgo)]
    [InlineData("19000101", null)]
    [InlineData("20261122", null)]
    [InlineData("20261123", FieldProblem.Future)]
    [InlineData("99991231", FieldProblem.Future)]
    public void The_birth_date_is_a_day_on_which_somebody_can_be_born(string? birthDate, FieldProblem? problem) =>
        AssertOnly(LinkField.BirthDate, problem, LinkForm.Parse(Number, Phone, birthDate, Today));

    [Theory]
    [InlineData("S460401", "19710401")]
    [InlineData("ｓ４６０４０１", "19710401")]
    [InlineData("S46.4.1", "19710401")]
    [InlineData("S-46-04-01", "19710401")]
    [InlineData("昭和46年4月1日", "19710401")]
    [InlineData("昭和 ４６ 年 ４ 月 １ 日", "19710401")]
    [InlineData("㍼46年4月1日", "19710401")]
    [InlineData("昭46・4・1", "19710401")]
    [InlineData("1971年4月1日", "19710401")]
    [InlineData("1971/4/1", "19710401")]
    [InlineData("1971-4-1", "19710401")]
    [InlineData("1971 4 1", "19710401")]
    [InlineData("平成元年1月8日", "19890108")]
    [InlineData("H元.1.8", "19890108")]
    [InlineData("h010108", "19890108")]
    [InlineData("令和2年2月2日", "20200202")]
    [InlineData("大正15年12月25日", "19261225")]
    [InlineData("昭和元年12月25日", "19261225")]
    [InlineData("昭和64年1月7日", "19890107")]
    [InlineData("明治45年7月30日", "19120730")]
    public void A_date_in_another_form_is_understood(string typed, string digits) =>
        Assert.Equal(digits, LinkForm.Parse(Number, Phone, typed, Today).Answers?.BirthDate);

    [Theory]
    [InlineData("460401", "19460401 19710401")]
    [InlineData("46/4/1", "19460401 19710401")]
    [InlineData("710401", "19710401")]
    [InlineData("5-4-1", "19050401 19160401 19300401 19930401 20050401 20230401")]
    [InlineData("640107", "19640107 19890107")]
    [InlineData("1971/4/1", "")]
    public void A_year_of_two_digits_is_asked_among_the_days_that_it_may_mean(string typed, string days) =>
        Assert.Equal(days, string.Join(' ', TypedDate.Read(typed, Today).Choices.Select(BirthDate.Write)));

    [Theory]
    [InlineData("1234567", FieldProblem.WrongLength)]
    [InlineData("12345678", null)]
    [InlineData("123456789", FieldProblem.WrongLength)]
    [InlineData("1234567890", null)]
    public void A_member_number_has_as_many_digits_as_the_co_op_says(string number, FieldProblem? problem) =>
        AssertOnly(LinkField.MemberNumber, problem, LinkForm.Parse(number, Phone, Birth, Today, 8, 10));

    [Fact]
    public void Every_field_tells_its_own_problem_at_once()
    {
        var (answers, errors) = LinkForm.Parse("", "x", "1", Today);

        Assert.Null(answers);
        Assert.Equal(
            [
                new(LinkField.MemberNumber, FieldProblem.Empty),
                new(LinkField.Phone, FieldProblem.NotDigits),
                new(LinkField.BirthDate, FieldProblem.WrongLength),
            ],
            errors);
    }

    [Fact]
    public void Answers_never_print_themselves()
    {
        var (answers, _) = LinkForm.Parse(Number, Phone, Birth, Today);

        Assert.Equal("LinkAnswers", $"{answers}");
    }

    private static void AssertOnly(
        LinkField field,
        FieldProblem? problem,
        (LinkAnswers? Answers, ImmutableArray<FieldError> Errors) parsed)
    {
        FieldError[] expected = problem is { } found ? [new(field, found)] : [];
        Assert.Equal(expected, parsed.Errors);
        Assert.Equal(problem is null, parsed.Answers is not null);
    }
}
