namespace CoopLine.Tests.Registry;

/// <summary>Dates and phones that a spreadsheet has changed.</summary>
public sealed class Repairing_rows : IDisposable
{
    private readonly RegistryDesk desk = new();

    public void Dispose() => desk.Dispose();

    [Theory]
    [InlineData("1971/4/1")]
    [InlineData("1971-4-1")]
    [InlineData("１９７１．４．１")]
    [InlineData("1971年4月1日")]
    [InlineData("1971/4/1 0:00:00")]
    [InlineData("S46.4.1")]
    [InlineData("s46/04/01")]
    [InlineData("S460401")]
    [InlineData("昭46.4.1")]
    [InlineData("昭和46年4月1日")]
    [InlineData("昭和４６年 ４月 １日")]
    [InlineData("㍼46年4月1日")]
    [InlineData("26024")]
    public async Task A_date_that_can_only_be_one_is_read_and_counted_as_repaired(string written)
    {
        var report = await desk.Full($"00000001,,{written},active,,,");

        Assert.Equal((1L, 1L), (report.Accepted, report.Repaired));
        Assert.Equal(desk.Hash.BirthDate("19710401"), (await desk.Find("00000001"))?.BirthDateHash);
    }

    [Theory]
    [InlineData("平成元年1月8日", "19890108")]
    [InlineData("昭和64年1月7日", "19890107")]
    [InlineData("大正15年12月25日", "19261225")]
    [InlineData("令和2年2月29日", "20200229")]
    [InlineData("T12.9.1", "19230901")]
    [InlineData("10000", "19270518")]
    [InlineData("46348", "20261122")] // today
    public async Task Every_era_and_Excels_count_of_days_are_known(string written, string date)
    {
        Assert.Equal(1, (await desk.Full($"00000001,,{written},active,,,")).Repaired);

        Assert.Equal(desk.Hash.BirthDate(date), (await desk.Find("00000001"))?.BirthDateHash);
    }

    [Theory]
    [InlineData("4/1/1971")]
    [InlineData("71/4/1")]
    [InlineData("46.4.1")]
    [InlineData("710401")]
    [InlineData("460401")]
    [InlineData("9999")]
    [InlineData("46349")] // tomorrow
    [InlineData("1971/13/1")]
    [InlineData("1971/4/31")]
    [InlineData("0000/4/1")]
    [InlineData("1971/4")]
    [InlineData("昭和65年1月1日")]
    [InlineData("昭和64年1月8日")]
    [InlineData("平成0年1月8日")]
    [InlineData("X46.4.1")]
    [InlineData("1971/4/1 12:30")]
    public async Task A_date_that_could_be_another_is_rejected(string written) =>
        Assert.Equal(1, (await desk.Forced("00000002,,,active,,,", $"00000001,,{written},active,,,")).Rejected);

    [Theory]
    [InlineData("9012345678", "09012345678")]
    [InlineData("90-1234-5678", "09012345678")]
    [InlineData("312345678", "0312345678")]
    [InlineData("120123456", "0120123456")]
    public async Task A_phone_gets_its_zero_back(string written, string phone)
    {
        var report = await desk.Full($"00000001,{written},,active,,,");

        Assert.Equal(1, report.Repaired);
        Assert.Equal([desk.Hash.Phone(phone)], (await desk.Find("00000001"))!.PhoneHashes);
    }

    [Theory]
    [InlineData("12345678")]
    [InlineData("3123456789")] // eleven digits of Tokyo
    [InlineData("901234567")] // a mobile phone without its last digit
    [InlineData("9.01E+09")]
    public async Task A_phone_that_its_zero_does_not_mend_is_rejected(string written) =>
        Assert.Equal(1, (await desk.Forced("00000002,,,active,,,", $"00000001,{written},,active,,,")).Rejected);

    [Fact]
    public async Task What_is_written_as_asked_for_is_not_counted_as_repaired()
    {
        var report = await desk.Full("00000001,090-1234-5678;０３-1234-5678,1971-04-01,active,,,", "00000002,,1971/04/01,active,,,");

        Assert.Equal((2L, 0L), (report.Accepted, report.Repaired));
    }
}
