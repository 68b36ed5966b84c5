using System.Collections.Immutable;
using CoopLine.Grains.Linking;
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
    [InlineData("1971/4/1", FieldProblem.WrongLength)]
    [InlineData("1971年4月1日", FieldProblem.WrongLength)]
    [InlineData("460401", FieldProblem.WrongLength)]
    [InlineData("3460401", FieldProblem.WrongLength)]
    [InlineData("46.4.1", FieldProblem.WrongLength)]
    [InlineData("197104010", FieldProblem.WrongLength)]
    [InlineData("S46.4.1", FieldProblem.EraYear)]
    [InlineData("ｓ４６０４０１", FieldProblem.EraYear)]
    [InlineData("昭和46年4月1日", FieldProblem.EraYear)]
    [InlineData("㍼46年4月1日", FieldProblem.EraYear)]
    [InlineData("昭46・4・1", FieldProblem.EraYear)]
    [InlineData("平成元年1月8日", FieldProblem.EraYear)]
    [InlineData("H元.1.8", FieldProblem.EraYear)]
    [InlineData("令和2年2月2日", FieldProblem.EraYear)]
    [InlineData("大正15年1月1日", FieldProblem.EraYear)]
    [InlineData("明治45年1月1日", FieldProblem.EraYear)]
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
    public void The_birth_date_is_eight_digits_of_a_western_year(string? birthDate, FieldProblem? problem) =>
        AssertOnly(LinkField.BirthDate, problem, LinkForm.Parse(Number, Phone, birthDate, Today));

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
