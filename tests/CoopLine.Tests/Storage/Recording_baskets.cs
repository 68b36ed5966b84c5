using System.Collections.Frozen;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Redemptions;
using CoopLine.Silo.Storage;
using CoopLine.Tests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CoopLine.Tests.Storage;

/// <summary>What tills ask is kept for rehearsals, as much as there is room for.</summary>
public sealed class Recording_baskets : IDisposable
{
    private const int LinesWaitingMost = 50_000;
    private const int LinesOfEach = 999;

    private static readonly DateTimeOffset At = new(2026, 11, 22, 10, 0, 0, TimeSpan.FromHours(9));

    private readonly TestDatabase database = new();

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task What_waits_to_be_written_is_bounded_and_there_is_room_again_when_it_is_written()
    {
        using var baskets = new Baskets(
            database.Open(TimeProvider.System), Options.Create(new StorageOptions { RecordedBaskets = 1_000 }), NullLogger<Baskets>.Instance);
        for (var number = 0; number < 60; number++) Record();

        await baskets.StartAsync(TestContext.Current.CancellationToken);
        await Holds(LinesWaitingMost / (LinesOfEach + 1));
        Record();
        await Holds((LinesWaitingMost / (LinesOfEach + 1)) + 1);
        await baskets.StopAsync(TestContext.Current.CancellationToken);

        void Record() => baskets.Record(
            new(
                new(new(2026, 11, 22), "0123", "05", "000481"), At, "2000000000008",
                [.. Enumerable.Range(1, LinesOfEach).Select(line => new SaleLine(line, null, "1", 1, 100, Markdown.No))], "hash"),
            new(
                new CodeGrant("U-1", "1001", "link", 1, [], ["tofu"], At), new Holder(LinkStands: true, [], [], 1, 1, []),
                FrozenDictionary<string, Campaign>.Empty, [], UsesAreKnown: false, Remembered: false, Facts.NobodyLooked));

        Task Holds(int kept) => Eventually.Holds(
            async () => await baskets.Recorded(TestContext.Current.CancellationToken).CountAsync(TestContext.Current.CancellationToken) == kept,
            $"{kept} are kept");
    }
}
