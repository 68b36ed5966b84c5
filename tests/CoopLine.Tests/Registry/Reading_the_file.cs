using System.Text;
using CoopLine.Grains;
using CoopLine.Grains.Registry;

namespace CoopLine.Tests.Registry;

public sealed class Reading_the_file : IDisposable
{
    private static readonly Encoding ShiftJis = CodePagesEncodingProvider.Instance.GetEncoding(932)!;

    private readonly RegistryDesk desk = new();

    public void Dispose() => desk.Dispose();

    [Fact]
    public async Task Given_numbers_in_any_spelling_then_the_registry_holds_their_one_spelling()
    {
        await desk.Full("１２３４５６７８,090-1234-5678;+81 3 1234 5678,1971-04-01,withdrawn,group;store,００４２,８７６５４３２１");

        var entry = await desk.Find("12345678");

        Assert.NotNull(entry);
        Assert.Equal([desk.Hash.Phone("09012345678"), desk.Hash.Phone("0312345678")], entry.PhoneHashes);
        Assert.Equal(desk.Hash.BirthDate("19710401"), entry.BirthDateHash);
        Assert.Equal(MemberStatus.Withdrawn, entry.Status);
        Assert.Equal([Business.GroupBuying, Business.Store], entry.Businesses);
        Assert.Equal("0042", entry.HomeStore);
        Assert.Equal("87654321", entry.ReplacedBy);
    }

    [Theory]
    [InlineData("09012345678;09012345678", 1)]
    [InlineData("09012345678; 0312345678 ;;09012345678", 2)]
    [InlineData(";", 0)]
    [InlineData("090-1234-5678;０３-1234-5678;+81 90 0000 0000", 3)]
    public async Task A_phone_that_is_written_twice_is_kept_once(string phones, int kept)
    {
        await desk.Full($"12345678,{phones},,active,,,");

        string[] expected = [desk.Hash.Phone("09012345678"), desk.Hash.Phone("0312345678"), desk.Hash.Phone("09000000000")];
        Assert.Equal(expected.Take(kept), (await desk.Find("12345678"))!.PhoneHashes);
    }

    [Fact]
    public async Task Given_the_same_bad_value_on_many_lines_then_each_of_them_is_rejected_for_it()
    {
        var report = await desk.Full("00000001,,19710431,active,,,", "00000002,,19710431,active,,,", "00000003,,19710401,active,,,");

        Assert.Equal([2L, 3L], report.RejectedRows.Select(row => row.Line));
        Assert.Equal(1, report.Accepted);
    }

    [Fact]
    public async Task Given_a_co_op_where_it_is_tomorrow_already_then_a_child_can_be_born_tomorrow()
    {
        const string born = "12345678,,20261123,active,,,";
        Assert.Equal(1, (await desk.Full(born)).Rejected);
        desk.Clock.SetUtcNow(new(2026, 11, 22, 10, 30, 0, TimeSpan.Zero)); // half past midnight on Kiritimati
        using var csv = new MemoryStream(Encoding.UTF8.GetBytes(RegistryDesk.Csv(born)));

        var report = await desk.ImportIn(new CoopTime("Pacific/Kiritimati"))
            .Run(csv, ImportMode.Full, force: false, progress: null, TestContext.Current.CancellationToken);

        Assert.Equal(1, report.Accepted);
    }

    [Fact]
    public async Task Given_only_what_must_be_there_then_the_rest_is_empty()
    {
        var report = await desk.Full("12345678,,,active,,,");

        Assert.Equal((ImportOutcome.Applied, 1L, 0L), (report.Outcome, report.Accepted, report.Rejected));
        var entry = await desk.Find("12345678");
        Assert.NotNull(entry);
        Assert.Empty(entry.PhoneHashes);
        Assert.Empty(entry.Businesses);
        Assert.Null(entry.BirthDateHash);
        Assert.Null(entry.HomeStore);
        Assert.Null(entry.ReplacedBy);
        Assert.Empty(entry.Predecessors);
    }

    [Theory]
    [InlineData("12345678,09012345678,19710401,active,store,0123", "6 columns")]
    [InlineData("12345678,09012345678,19710401,active,store,0123,,", "8 columns")]
    [InlineData("12345", "1 columns")]
    [InlineData(",09012345678,19710401,active,store,0123,", "member_number")]
    [InlineData("1234X,09012345678,19710401,active,store,0123,", "member_number")]
    [InlineData("123456789012345678901,09012345678,19710401,active,store,0123,", "member_number")]
    [InlineData("12345678,9012345678901,19710401,active,store,0123,", "phones")]
    [InlineData("12345678,09012345678;なし,19710401,active,store,0123,", "phones")]
    [InlineData("12345678,09012345678,19710431,active,store,0123,", "birth_date")]
    [InlineData("12345678,09012345678,18990101,active,store,0123,", "birth_date")]
    [InlineData("12345678,09012345678,20261123,active,store,0123,", "birth_date")]
    [InlineData("12345678,09012345678,昭和46年4月1日,active,store,0123,", "birth_date")]
    [InlineData("12345678,09012345678,19710401,Aktiv,store,0123,", "status")]
    [InlineData("12345678,09012345678,19710401,,store,0123,", "status")]
    [InlineData("12345678,09012345678,19710401,active,store;shop,0123,", "businesses")]
    [InlineData("12345678,09012345678,19710401,active,store,123456789012345678901234567890123,", "home_store")]
    [InlineData("12345678,09012345678,19710401,active,store,本店\0,", "home_store")]
    [InlineData("12345678,09012345678,19710401,active,store,01\u001b23,", "home_store")]
    [InlineData("12345678,090\012345678,19710401,active,store,0123,", "phones")]
    [InlineData("12345678,09012345678,19710401,active\0,store,0123,", "status")]
    [InlineData("12345678,09012345678,19710401,active,store\0,0123,", "businesses")]
    [InlineData("12345678,09012345678,19710401,active,store,0123,\0", "replaced_by")]
    [InlineData("12345678,09012345678,19710401,active,store,0123,next", "replaced_by")]
    [InlineData("12345678,09012345678,19710401,active,store,0123,１２３４５６７８", "own number")]
    [InlineData("12345678,\"09012345678,19710401,active,store,0123,", "quote is not closed")]
    [InlineData("12345678,09012345678,19710401,active,\"store\"s,0123,", "quote in the middle")]
    public async Task A_bad_row_is_rejected_with_its_line_and_its_reason_and_spoils_no_other(string bad, string reason)
    {
        var report = await desk.Full("00000001,,,active,,,", "", bad, "00000002,,,active,,,");

        Assert.Equal(ImportOutcome.Applied, report.Outcome);
        Assert.Equal((3L, 2L, 1L), (report.Rows, report.Accepted, report.Rejected));
        var rejected = Assert.Single(report.RejectedRows);
        Assert.Equal(4, rejected.Line);
        Assert.Contains(reason, rejected.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("0901234", rejected.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("昭和", rejected.Reason, StringComparison.Ordinal);
        Assert.Null(await desk.Find("12345678"));
        Assert.NotNull(await desk.Find("00000002"));
    }

    [Fact]
    public async Task Given_a_file_cut_off_in_its_last_line_then_that_line_is_rejected()
    {
        var report = await desk.Take(
            RegistryDesk.Header + "\r\n00000001,,,active,,,\r\n00000002,,19710401,act", ImportMode.Full);

        Assert.Equal(3, Assert.Single(report.RejectedRows).Line);
        Assert.Equal(1, report.Accepted);
    }

    [Fact]
    public async Task Given_one_number_twice_then_the_first_counts_and_the_report_names_both_lines()
    {
        var report = await desk.Full("00000001,,,active,store,,", "00000002,,,active,,,", "００００-０００１,,,withdrawn,home,,");

        var rejected = Assert.Single(report.RejectedRows);
        Assert.Equal(4, rejected.Line);
        Assert.Contains("line 2,", rejected.Reason, StringComparison.Ordinal);
        Assert.Equal(MemberStatus.Active, (await desk.Find("00000001"))?.Status);
    }

    [Fact]
    public async Task A_file_whose_lines_are_all_malformed_is_given_up_and_not_collected()
    {
        var report = await desk.Full(Enumerable.Repeat("=\"00000001\",,,active,,,", 20_000));

        Assert.Equal(ImportOutcome.NotARegistry, report.Outcome);
        Assert.Contains("quote in the middle", report.Problem, StringComparison.Ordinal);
        Assert.Null(await desk.Find("00000001"));
    }

    [Fact]
    public async Task Given_quoted_values_then_the_quotes_do_not_count()
    {
        var report = await desk.Full("\"00000001\",\"\",\"19710401\",\"active\",\"store;home\",\"本店, \"\"駅前\"\"\",\"\"");

        Assert.Equal(1, report.Accepted);
        Assert.Equal("本店, \"駅前\"", (await desk.Find("00000001"))?.HomeStore);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("member_number,phones\n1,2\n")]
    [InlineData("member_number;phones;birth_date;status;businesses;home_store;replaced_by\n")]
    [InlineData("00000002,,,active,,,\n")]
    [InlineData("PK\u0003\u0004 not text")]
    public async Task Given_another_file_then_nothing_changes(string text)
    {
        await desk.Full("00000001,,,active,,,");

        foreach (var mode in Enum.GetValues<ImportMode>())
        {
            var report = await desk.Take(text, mode, force: true);

            Assert.Equal(ImportOutcome.NotARegistry, report.Outcome);
            Assert.NotNull(report.Problem);
        }

        Assert.NotNull(await desk.Find("00000001"));
        Assert.Equal(1, desk.Scalar("SELECT count(*) FROM registry_import"));
    }

    [Fact]
    public async Task Given_a_whole_registry_without_a_usable_row_then_even_force_does_not_empty_the_registry()
    {
        await desk.Full("00000001,,,active,,,");

        Assert.Equal(ImportOutcome.NotARegistry, (await desk.Forced()).Outcome);
        Assert.Equal(ImportOutcome.NotARegistry, (await desk.Forced("00000002,,,nobody,,,")).Outcome);

        Assert.NotNull(await desk.Find("00000001"));
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(true, 2)]
    public async Task UTF_8_is_read_with_and_without_byte_order_mark_and_Shift_JIS_is_detected(bool utf8, int mark)
    {
        var csv = RegistryDesk.Csv("00000001,,,active,,本店ソ表,", "00000002,,,active,,駅前ｱｲｳ店,");
        byte[] file = utf8 ? [.. mark > 0 ? Encoding.UTF8.GetPreamble() : [], .. Encoding.UTF8.GetBytes(csv)] : ShiftJis.GetBytes(csv);

        var report = await desk.Take(file, ImportMode.Full);

        Assert.Equal(2, report.Accepted);
        Assert.Equal("本店ソ表", (await desk.Find("00000001"))?.HomeStore);
        Assert.Equal("駅前ｱｲｳ店", (await desk.Find("00000002"))?.HomeStore);
    }

    [Theory]
    [InlineData("本店")]
    [InlineData("0123")]
    public async Task Given_a_file_that_changes_its_encoding_later_then_it_is_refused_with_the_line(string beginning)
    {
        await desk.Full("00000001,,,active,,before,");
        var many = RegistryDesk.Members(30_000).Prepend($"99999999,,,active,,{beginning},");
        byte[] file =
        [
            .. Encoding.UTF8.GetBytes(RegistryDesk.Csv(many)),
            .. ShiftJis.GetBytes("00030001,,,active,,支店,\n"),
            .. Encoding.UTF8.GetBytes(RegistryDesk.Csv(RegistryDesk.Members(10_000, first: 40_000))),
        ];

        var report = await desk.Take(file, ImportMode.Full, force: true);

        Assert.Equal(ImportOutcome.NotARegistry, report.Outcome);
        Assert.Contains("Line 30003 ", report.Problem, StringComparison.Ordinal);
        Assert.Equal("before", (await desk.Find("00000001"))?.HomeStore);
        Assert.Null(await desk.Find("00000002"));
    }

    [Fact]
    public async Task Given_bytes_that_are_neither_encoding_then_the_file_is_refused_with_the_line()
    {
        byte[] file =
        [
            .. Encoding.UTF8.GetBytes(RegistryDesk.Csv("00000001,,,active,,,")),
            .. "00000002,,,active,,"u8, 0xFD, 0xFF, .. ",\n"u8,
        ];

        var report = await desk.Take(file, ImportMode.Full);

        Assert.Equal(ImportOutcome.NotARegistry, report.Outcome);
        Assert.Contains("Line 3 ", report.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Given_a_line_without_end_then_the_file_is_refused_and_not_taken_into_memory()
    {
        var report = await desk.Take(
            RegistryDesk.Csv(RegistryDesk.Members(5_000).Append(new string('1', 10_000_000))), ImportMode.Full);

        Assert.Equal(ImportOutcome.NotARegistry, report.Outcome);
        Assert.Null(await desk.Find("00000001"));
    }
}
