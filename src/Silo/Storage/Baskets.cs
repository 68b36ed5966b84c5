using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using CoopLine.Grains;
using CoopLine.Grains.Redemptions;
using CoopLine.Grains.Storage;
using Microsoft.Extensions.Options;

namespace CoopLine.Silo.Storage;

/// <summary>Writes every second what tills have asked since, and lets go of the oldest.</summary>
internal sealed partial class Baskets(Database database, IOptions<StorageOptions> options, ILogger<Baskets> log)
    : Rounds(TimeSpan.FromSeconds(1), TimeProvider.System, atOnce: true), IBaskets
{
    private const int LinesWaitingMost = 50_000;
    private const int BatchCharacters = 500_000;
    private const int LetGoAtOnce = 5_000;
    private const int Page = 2_000;

    private readonly int most = options.Value.RecordedBaskets;
    private readonly Channel<Basket> waiting = Channel.CreateUnbounded<Basket>(); // bounded by the lines that wait
    private int linesWaiting;
    private bool hasTooMany = true; // until somebody looked

    public void Record(Purchase purchase, Facts facts)
    {
        if (most == 0 || facts.Code is not { } code) return;
        if (Interlocked.Add(ref linesWaiting, Size(purchase.Lines)) <= LinesWaitingMost) waiting.Writer.TryWrite(Basket.Of(purchase, code, facts.Holder));
        else Interlocked.Add(ref linesWaiting, -Size(purchase.Lines));
    }

    public async IAsyncEnumerable<Basket> Recorded([EnumeratorCancellation] CancellationToken cancellation)
    {
        for (long after = 0; await Read(after, cancellation) is [.., var last] page; after = last.Seq)
            foreach (var (_, basket) in page) yield return basket;
    }

    protected override async Task Round(CancellationToken stopping)
    {
        while (Waiting() is not [] and var some)
        {
            hasTooMany = true;
            await Write(some, stopping);
        }

        while (hasTooMany) hasTooMany = await LetGo(stopping) == LetGoAtOnce;
    }

    protected override void Failed(Exception fault) => LogNotKept(fault);

    private List<string> Waiting()
    {
        var some = new List<string>();
        for (var characters = 0; characters < BatchCharacters && waiting.Reader.TryRead(out var basket); characters += some[^1].Length)
        {
            Interlocked.Add(ref linesWaiting, -Size(basket.Lines));
            some.Add(JsonSerializer.Serialize(basket, StateJson.Options));
        }

        return some;
    }

    private static int Size(ImmutableArray<SaleLine> lines) => lines.Length + 1;

    private async Task Write(List<string> some, CancellationToken cancellation)
    {
        await using var connection = await database.OpenWriter(cancellation);
        await using var command = connection.Command(
            $"INSERT INTO recorded_basket (basket) SELECT value FROM {database.Texts("@baskets")}",
            ("@baskets", JsonSerializer.Serialize(some)));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task<int> LetGo(CancellationToken cancellation)
    {
        await using var connection = await database.OpenWriter(cancellation);
        await using var command = connection.Command(
            """
            DELETE FROM recorded_basket
            WHERE seq IN (
                SELECT seq
                FROM recorded_basket
                WHERE seq <= (SELECT max(seq) FROM recorded_basket) - @most
                ORDER BY seq
                LIMIT @atOnce)
            """,
            ("@most", most), ("@atOnce", LetGoAtOnce));
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task<List<(long Seq, Basket Basket)>> Read(long after, CancellationToken cancellation)
    {
        await using var connection = await database.OpenReader(cancellation);
        await using var command = connection.Command(
            "SELECT seq, basket FROM recorded_basket WHERE seq > @after ORDER BY seq LIMIT @page", ("@after", after), ("@page", Page));
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var page = new List<(long, Basket)>();
        while (await row.ReadAsync(cancellation))
            page.Add((row.GetInt64(0), JsonSerializer.Deserialize<Basket>(row.GetString(1), StateJson.Options)!));
        return page;
    }

    [LoggerMessage(LogLevel.Warning, "Baskets for rehearsals could not be kept")]
    private partial void LogNotKept(Exception e);
}
