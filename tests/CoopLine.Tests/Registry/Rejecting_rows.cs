using CoopLine.Grains.Registry;

namespace CoopLine.Tests.Registry;

/// <summary>How many rows of a file may be bad.</summary>
public sealed class Rejecting_rows : IDisposable
{
    private readonly RegistryDesk desk = new();

    public void Dispose() => desk.Dispose();

    [Fact]
    public async Task A_whole_registry_with_more_than_one_bad_row_in_a_hundred_is_not_applied_unless_forced()
    {
        await desk.Full(RegistryDesk.Members(200));

        var two = await desk.Full([.. RegistryDesk.Members(198), .. Bad(199, 2)]);
        var three = await desk.Full([.. RegistryDesk.Members(197), .. Bad(198, 3)]);
        var forced = await desk.Forced([.. RegistryDesk.Members(197), .. Bad(198, 3)]);

        Assert.Equal((ImportOutcome.Applied, 2L), (two.Outcome, two.Rejected));
        Assert.Equal((ImportOutcome.TooManyRejected, 3L, 0L), (three.Outcome, three.Rejected, three.Missing));
        Assert.NotNull(three.Problem);
        Assert.Equal(ImportOutcome.Applied, forced.Outcome);
    }

    [Fact]
    public async Task Rejected_and_missing_ones_count_together()
    {
        await desk.Full(RegistryDesk.Members(200));

        var report = await desk.Full([.. RegistryDesk.Members(197), .. Bad(198, 1)]);

        Assert.Equal((ImportOutcome.TooManyRejected, 1L, 2L), (report.Outcome, report.Rejected, report.Missing));
    }

    [Fact]
    public async Task The_first_registry_is_measured_by_its_own_rows()
    {
        Assert.Equal(ImportOutcome.TooManyRejected, (await desk.Full([.. RegistryDesk.Members(98), .. Bad(99, 2)])).Outcome);
        Assert.Null(await desk.Find("00000001"));
        Assert.Equal(ImportOutcome.Applied, (await desk.Full([.. RegistryDesk.Members(99), .. Bad(100, 1)])).Outcome);
    }

    [Fact]
    public async Task A_delta_is_measured_by_the_registry_and_stops_when_most_of_it_is_bad()
    {
        await desk.Full(RegistryDesk.Members(200));

        var few = await desk.Delta([.. RegistryDesk.Members(2, first: 300), .. Bad(1, 2)]);
        var most = await desk.Delta([.. RegistryDesk.Members(1, first: 400), .. Bad(1, 2)]);
        var many = await desk.Delta([.. RegistryDesk.Members(10, first: 400), .. Bad(1, 3)]);

        Assert.Equal((ImportOutcome.Applied, 2L), (few.Outcome, few.Rejected));
        Assert.Equal(ImportOutcome.TooManyRejected, most.Outcome);
        Assert.Equal(ImportOutcome.TooManyRejected, many.Outcome);
        Assert.Null(await desk.Find("00000400"));
        Assert.NotNull(await desk.Find("00000001"));
    }

    private static IEnumerable<string> Bad(int first, int count) =>
        Enumerable.Range(first, count).Select(number => $"{number:00000000},,,nobody,,,");
}
