using CoopLine.Grains.Registry;

namespace CoopLine.Tests.Registry;

/// <summary>What stands in the registry only because something must stand there, or is everybody's, counts as not registered.</summary>
public sealed class Values_that_prove_nothing : IDisposable
{
    private readonly RegistryDesk desk = new();

    public void Dispose() => desk.Dispose();

    [Theory]
    [InlineData("000-0000-0000")]
    [InlineData("0000000000")]
    [InlineData("0012345678")]
    [InlineData("099-9999-9999")]
    [InlineData("0222222222")]
    [InlineData("09000000000")]
    [InlineData("0300000000")]
    [InlineData("0901234567")] // a mobile phone of ten digits
    [InlineData("03-1234-56789")]
    public async Task A_phone_that_nobody_can_have_is_not_registered(string phone)
    {
        var report = await desk.Full($"00000001,{phone},19710401,active,,,", $"00000002,{phone};090-1234-5678,19710402,active,,,");

        Assert.Equal((2L, 2L), (report.Accepted, report.NotRegistered.ImpossiblePhones));
        Assert.Empty((await desk.Find("00000001"))!.PhoneHashes);
        Assert.Equal([desk.Hash.Phone("09012345678")], (await desk.Find("00000002"))!.PhoneHashes);
    }

    [Theory]
    [InlineData("090-1234-5678")]
    [InlineData("050-1234-5678")]
    [InlineData("060-1234-5678")]
    [InlineData("0800-123-4567")]
    [InlineData("03-1234-5678")]
    [InlineData("0120-123-456")]
    [InlineData("0570-000-123")]
    public async Task A_phone_that_somebody_may_have_is_registered(string phone)
    {
        var report = await desk.Full($"00000001,{phone},,active,,,");

        Assert.Equal(0, report.NotRegistered.ImpossiblePhones);
        Assert.Single((await desk.Find("00000001"))!.PhoneHashes);
    }

    [Theory]
    [InlineData("19000101")]
    [InlineData("18990101")]
    [InlineData("19061121")] // 120 years and a day
    [InlineData("明治45年7月30日", true)]
    [InlineData("00000000")]
    [InlineData("99999999")]
    [InlineData("0000-00-00")]
    public async Task A_birth_date_that_nobody_can_have_is_not_registered(string date, bool possible = false)
    {
        var report = await desk.Full($"00000001,,{date},active,,,", "00000002,,19061122,active,,,");

        Assert.Equal((2L, possible ? 0L : 1L), (report.Accepted, report.NotRegistered.ImpossibleBirthDates));
        Assert.Equal(possible, (await desk.Find("00000001"))!.BirthDateHash is not null);
        Assert.NotNull((await desk.Find("00000002"))!.BirthDateHash);
    }

    [Fact]
    public async Task A_phone_that_more_than_ten_members_share_is_not_registered()
    {
        var report = await desk.Full([.. Sharing(11, "090-1111-2222"), .. Sharing(10, "090-3333-4444", first: 50)]);

        Assert.Equal(11, report.NotRegistered.SharedPhones);
        Assert.Equal([desk.Hash.Phone("09000000001")], (await desk.Find("00000001"))!.PhoneHashes);
        Assert.Equal(2, (await desk.Find("00000050"))!.PhoneHashes.Length);
    }

    [Fact]
    public async Task Who_has_left_does_not_share()
    {
        var report = await desk.Full(
            [.. Sharing(10, "090-1111-2222"), "00000091,090-1111-2222,,withdrawn,,,", "00000092,090-1111-2222,,active,,,00000001"]);

        Assert.Equal(0, report.NotRegistered.SharedPhones);
        Assert.Equal(2, (await desk.Find("00000001"))!.PhoneHashes.Length);
    }

    [Fact]
    public async Task Given_a_delta_that_makes_one_too_many_then_nobody_has_the_phone_until_one_less_has_it()
    {
        await desk.Full(Sharing(10, "090-1111-2222"));
        Assert.Equal(2, (await desk.Find("00000001"))!.PhoneHashes.Length);

        var one = await desk.Delta(Sharing(1, "090-1111-2222", first: 60));
        var another = await desk.Delta("00000099,,,active,,,");
        var then = (await desk.Find("00000001"))!.PhoneHashes.Length;
        var less = await desk.Delta("00000060,,,active,,,");

        Assert.Equal((11L, 11L, 0L), (one.NotRegistered.SharedPhones, another.NotRegistered.SharedPhones, less.NotRegistered.SharedPhones));
        Assert.Equal((1, 2), (then, (await desk.Find("00000001"))!.PhoneHashes.Length));
    }

    [Fact]
    public async Task A_birth_date_that_more_than_ten_in_ten_thousand_share_is_not_registered()
    {
        var report = await desk.Full([.. Born(11, "19700101"), .. Born(10, "19800202", first: 50)]);

        Assert.Equal(11, report.NotRegistered.SharedBirthDates);
        Assert.Null((await desk.Find("00000001"))!.BirthDateHash);
        Assert.NotNull((await desk.Find("00000050"))!.BirthDateHash);
    }

    [Fact]
    public async Task In_a_registry_of_more_than_ten_thousand_more_may_share_a_birth_date()
    {
        var report = await desk.Full([.. Born(20, "19700101"), .. Born(21, "19800202", first: 50), .. Enumerable.Range(1_000, 19_960).Select(i => $"{i:00000000},,,active,,,")]);

        Assert.Equal(21, report.NotRegistered.SharedBirthDates);
        Assert.NotNull((await desk.Find("00000001"))!.BirthDateHash);
        Assert.Null((await desk.Find("00000050"))!.BirthDateHash);
    }

    [Fact]
    public async Task What_a_dry_run_finds_changes_nothing()
    {
        await desk.Full(Sharing(10, "090-1111-2222"));

        var report = await desk.Take(
            System.Text.Encoding.UTF8.GetBytes(RegistryDesk.Csv(Sharing(1, "090-1111-2222", first: 60))), new ImportOrder(ImportMode.Delta, DryRun: true));

        Assert.Equal((ImportOutcome.WouldApply, 11L), (report.Outcome, report.NotRegistered.SharedPhones));
        Assert.Equal(2, (await desk.Find("00000001"))!.PhoneHashes.Length);
        Assert.Equal(0, desk.Scalar("SELECT count(*) FROM registry_shared"));
    }

    private static IEnumerable<string> Sharing(int count, string phone, int first = 1) =>
        Enumerable.Range(first, count).Select(i => $"{i:00000000},{phone};090{i:00000000},,active,,,");

    private static IEnumerable<string> Born(int count, string date, int first = 1) =>
        Enumerable.Range(first, count).Select(i => $"{i:00000000},,{date},active,,,");
}
