using System.Diagnostics;
using CoopLine.Grains.Registry;

namespace CoopLine.Tests.Registry;

/// <summary>Alone, because it looks at the memory of the whole process.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class Alone;

[Collection(typeof(Alone))]
public sealed class A_large_registry(ITestOutputHelper output) : IDisposable
{
    private readonly RegistryDesk desk = new();

    public void Dispose() => desk.Dispose();

    [Fact]
    public Task Two_hundred_thousand_members_stream_in_through_little_memory() => StreamIn(200_000);

    /// <summary>A minute or two: <c>dotnet test -- --explicit only</c>.</summary>
    [Fact(Explicit = true)]
    public async Task A_million_members_stream_in_and_replace_a_million()
    {
        await StreamIn(1_000_000);
        await StreamIn(1_000_000);
    }

    private async Task StreamIn(int members)
    {
        var memory = new Memory();
        using var file = File.OpenRead(desk.NewFile(RegistryDesk.Members(members)));
        var (began, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);

        var report = await desk.Import.Run(
            file, new(ImportMode.Full), memory, TestContext.Current.CancellationToken);

        output.WriteLine(
            $"{members} rows: {Stopwatch.GetElapsedTime(began)}, {Environment.CpuUsage.TotalTime - cpu} of CPU, "
            + $"{memory.Grown >> 20} MiB more memory");
        Assert.Equal((ImportOutcome.Applied, members, 0L), (report.Outcome, report.Accepted, report.Missing));
        Assert.InRange(memory.Grown, 0, 32 << 20);
        Assert.Equal(members, desk.Scalar("SELECT count(*) FROM registry"));
        Assert.Equal(members, desk.Scalar("SELECT count(*) FROM registry_row"));
    }

    /// <summary>How much more is alive while the import runs than was before.</summary>
    private sealed class Memory : IProgress<ImportProgress>
    {
        private readonly long before = GC.GetTotalMemory(forceFullCollection: true);

        public long Grown { get; private set; }

        public void Report(ImportProgress value)
        {
            if (value.Rows % 100_000 == 0)
                Grown = Math.Max(Grown, GC.GetTotalMemory(forceFullCollection: true) - before);
        }
    }
}
