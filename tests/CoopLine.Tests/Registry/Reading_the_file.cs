using System.Globalization;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using CoopLine.Grains;
using CoopLine.Grains.Registry;
using CoopLine.Silo.Registry;

namespace CoopLine.Tests.Registry;

public sealed class Reading_the_file : IDisposable
{
    private static readonly Encoding ShiftJis = CodePagesEncodingProvider.Instance.GetEncoding(932)!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

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
    [InlineData("090-1234-5678;０３-1234-5678;+81 90 0000 0001", 3)]
    public async Task A_phone_that_is_written_twice_is_kept_once(string phones, int kept)
    {
        await desk.Full($"12345678,{phones},,active,,,");

        string[] expected = [desk.Hash.Phone("09012345678"), desk.Hash.Phone("0312345678"), desk.Hash.Phone("09000000001")];
        Assert.Equal(expected.Take(kept), (await desk.Find("12345678"))!.PhoneHashes);
    }

    [Fact]
    public async Task Given_the_same_bad_value_on_many_lines_then_each_of_them_is_rejected_for_it()
    {
        var report = await desk.Forced("00000001,,19710431,active,,,", "00000002,,19710431,active,,,", "00000003,,19710401,active,,,");

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
            .Run(csv, new(ImportMode.Full), progress: null, TestContext.Current.CancellationToken);

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
    [InlineData("12345678,09012345678,20261123,active,store,0123,", "birth_date")]
    [InlineData("12345678,09012345678,昭和46年,active,store,0123,", "birth_date")]
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
        var report = await desk.Forced("00000001,,,active,,,", "", bad, "00000002,,,active,,,");

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
            RegistryDesk.Header + "\r\n00000001,,,active,,,\r\n00000002,,19710401,act", ImportMode.Full, force: true);

        Assert.Equal(3, Assert.Single(report.RejectedRows).Line);
        Assert.Equal(1, report.Accepted);
    }

    [Fact]
    public async Task Given_one_number_twice_then_the_first_counts_and_the_report_names_both_lines()
    {
        var report = await desk.Forced("00000001,,,active,store,,", "00000002,,,active,,,", "００００-０００１,,,withdrawn,home,,");

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
    [InlineData(0xED, 0x95, "﨑")]
    [InlineData(0xFA, 0xB1, "﨑")]
    [InlineData(0xEE, 0xE0, "髙")]
    [InlineData(0xFB, 0xFC, "髙")]
    [InlineData(0x87, 0x8A, "㈱")]
    [InlineData(0xFA, 0x58, "㈱")]
    [InlineData(0x81, 0xCA, "￢")]
    [InlineData(0xEE, 0xF9, "￢")]
    [InlineData(0xF0, 0x40, "\uE000")] // the co-op's own
    public async Task A_character_with_two_codes_is_read_by_either(byte lead, byte trail, string character)
    {
        byte[] file =
        [
            .. ShiftJis.GetBytes(RegistryDesk.Header + "\n00000001,,,active,,宮"), lead, trail, .. ShiftJis.GetBytes("店,\n"),
        ];

        var report = await desk.Take(file, ImportMode.Full);

        Assert.Equal((ImportOutcome.Applied, 1L, 0L), (report.Outcome, report.Accepted, report.Rejected));
        Assert.Equal($"宮{character}店", (await desk.Find("00000001"))?.HomeStore);
    }

    [Fact]
    public void Every_pair_of_bytes_is_read_as_Windows_reads_it()
    {
        var read = new StringBuilder();
        for (var lead = 0x81; lead <= 0xFC; lead++)
            for (var trail = 0x40; trail <= 0xFC; trail++)
                if (lead is not (>= 0xA0 and <= 0xDF) && Cp932.Encoding.GetString([(byte)lead, (byte)trail]) is [var one] && one != Cp932.Unknown)
                    read.Append(CultureInfo.InvariantCulture, $"{lead:X2}{trail:X2} {(int)one:X4}\n");

        Assert.Equal(9_604, read.ToString().Count(c => c == '\n'));
        Assert.Equal(
            "b9c1091f5925d61391623f8a77e4c66c3f7c98375f9439700c5a8119686976cf", // of Python's table, written the same way
            Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(read.ToString()))));
    }

    [Fact]
    public async Task Given_one_Shift_JIS_row_after_megabytes_of_plain_text_then_the_file_is_Shift_JIS()
    {
        byte[] file =
        [
            .. Encoding.UTF8.GetBytes(RegistryDesk.Csv(RegistryDesk.Members(30_000))),
            .. ShiftJis.GetBytes("00030001,,,active,,支店,\n"),
        ];

        var report = await desk.Take(file, ImportMode.Full);

        Assert.Equal((ImportOutcome.Applied, 30_001L), (report.Outcome, report.Accepted));
        Assert.Equal("支店", (await desk.Find("00030001"))?.HomeStore);
    }

    [Theory]
    [InlineData("ﾃｽﾄ")] // also valid UTF-8 but for its last byte
    [InlineData("ﾃｽﾃｽ")] // valid UTF-8 for other characters
    public async Task Given_half_width_kana_alone_then_the_file_is_Shift_JIS(string store)
    {
        await desk.Take(ShiftJis.GetBytes(RegistryDesk.Csv($"00000001,,,active,,{store},")), ImportMode.Full);

        Assert.Equal(store, (await desk.Find("00000001"))?.HomeStore);
    }

    [Fact]
    public async Task Given_other_characters_beside_what_could_be_half_width_kana_then_the_file_is_UTF_8()
    {
        await desk.Take(Encoding.UTF8.GetBytes(RegistryDesk.Csv("00000001,,,active,,ý,", "00000002,,,active,,本店,")), ImportMode.Full);

        Assert.Equal("ý", (await desk.Find("00000001"))?.HomeStore);
        Assert.Equal("本店", (await desk.Find("00000002"))?.HomeStore);
    }

    [Theory]
    [InlineData(FileEncoding.ShiftJis, "ﾃｽﾃｽ")]
    [InlineData(FileEncoding.Utf8, "ýýý")]
    public async Task What_the_sender_says_of_the_encoding_is_obeyed(FileEncoding said, string store)
    {
        var encoding = said is FileEncoding.ShiftJis ? ShiftJis : Encoding.UTF8;
        await desk.Take(encoding.GetBytes(RegistryDesk.Csv($"00000001,,,active,,{store},")), new ImportOrder(ImportMode.Full, Encoding: said));

        Assert.Equal(store, (await desk.Find("00000001"))?.HomeStore);
    }

    [Theory]
    [InlineData(FileEncoding.Utf8)]
    [InlineData(FileEncoding.ShiftJis)]
    public async Task Given_a_row_in_another_encoding_than_most_then_it_is_rejected_and_spoils_no_other(FileEncoding most)
    {
        var (usual, other) = most is FileEncoding.Utf8 ? (Encoding.UTF8, ShiftJis) : (ShiftJis, Encoding.UTF8);
        byte[] file =
        [
            .. usual.GetBytes(RegistryDesk.Csv("00000001,,,active,,本店,", "00000002,,,active,,駅前店,")),
            .. other.GetBytes("00000003,,,active,,本店,\n"),
            .. usual.GetBytes("00000004,,,active,,支店,\n"),
        ];

        var report = await desk.Take(file, ImportMode.Full, force: true);

        var rejected = Assert.Single(report.RejectedRows);
        Assert.Equal(4, rejected.Line);
        Assert.Contains(most is FileEncoding.Utf8 ? "UTF-8" : "Shift_JIS", rejected.Reason, StringComparison.Ordinal);
        Assert.Null(await desk.Find("00000003"));
        Assert.Equal("支店", (await desk.Find("00000004"))?.HomeStore);
    }

    [Theory]
    [InlineData(FileEncoding.Utf8)]
    [InlineData(FileEncoding.ShiftJis)]
    public async Task Given_a_row_in_another_encoding_before_all_others_then_it_does_not_decide(FileEncoding most)
    {
        var (usual, other) = most is FileEncoding.Utf8 ? (Encoding.UTF8, ShiftJis) : (ShiftJis, Encoding.UTF8);
        byte[] file =
        [
            .. other.GetBytes(RegistryDesk.Csv("00000001,,,active,,本店,")),
            .. usual.GetBytes("00000002,,,active,,駅前店,\n00000003,,,active,,支店,\n"),
        ];

        var report = await desk.Take(file, ImportMode.Full, force: true);

        Assert.Equal(2, Assert.Single(report.RejectedRows).Line);
        Assert.Equal("支店", (await desk.Find("00000003"))?.HomeStore);
    }

    [Theory]
    [InlineData(0x97)] // half a character: the comma is no part of it
    [InlineData(0xFD)]
    [InlineData(0xA0)]
    [InlineData(0x85, 0x40)]
    public async Task A_character_that_Shift_JIS_does_not_have_costs_its_row_and_no_other(params int[] bytes)
    {
        byte[] file =
        [
            .. ShiftJis.GetBytes(RegistryDesk.Csv("00000001,,,active,,本店,") + "00000002,,,active,,"),
            .. bytes.Select(code => (byte)code), .. ",\n"u8,
            .. ShiftJis.GetBytes("00000003,,,active,,,"), .. bytes.Select(code => (byte)code),
            .. ShiftJis.GetBytes("\n00000004,,,active,,支店,\n"),
        ];

        var report = await desk.Take(file, ImportMode.Full, force: true);

        Assert.Equal((ImportOutcome.Applied, 2L), (report.Outcome, report.Accepted));
        Assert.Equal([3L, 4L], report.RejectedRows.Select(row => row.Line));
        Assert.All(report.RejectedRows, row => Assert.Contains("Shift_JIS", row.Reason, StringComparison.Ordinal));
        Assert.Equal("支店", (await desk.Find("00000004"))?.HomeStore);
    }

    [Fact]
    public async Task A_file_from_the_network_is_on_no_disk_in_plain_text_and_reads_the_same_in_pieces_of_any_size()
    {
        var expected = RegistryDesk.Members(3_000).Append("00009999,,,active,,宮﨑店,").ToArray();
        var pipe = new Pipe(new(pauseWriterThreshold: 0));
        using var upload = pipe.Reader.AsStream();
        var bytes = ShiftJis.GetBytes(RegistryDesk.Csv(expected));
        for (var at = 0; at < bytes.Length; at += 7_001)
            await pipe.Writer.WriteAsync(bytes.AsMemory(at, Math.Min(7_001, bytes.Length - at)), Cancellation);
        await pipe.Writer.CompleteAsync();

        using var place = new MemoryStream();

        await using var file = await ImportedFile.Keep(upload, place, said: null, Cancellation);

        Assert.Equal(FileEncoding.ShiftJis, file.Encoding);
        for (var i = 0; i < 2; i++)
        {
            using var read = new StreamReader(file.Read(), Cp932.Encoding);
            Assert.Equal(RegistryDesk.Csv(expected), await read.ReadToEndAsync(Cancellation));
        }

        Assert.True(place.Length > bytes.Length);
        Assert.True(place.ToArray().AsSpan().IndexOf("0900000"u8) < 0);
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
