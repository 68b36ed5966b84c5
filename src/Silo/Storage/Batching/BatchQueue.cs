using System.Diagnostics;
using System.Threading.Channels;

namespace CoopLine.Silo.Storage.Batching;

/// <summary>
/// Gathers what comes while the database is busy into the next batch. Nothing waits when nothing else is waiting, and
/// there is no timer. What waits is bounded by number and by size: beyond, callers are told to come back.
/// </summary>
internal sealed class BatchQueue<TItem, TResult> : IAsyncDisposable
    where TItem : Waiting<TResult>
{
    public const int Capacity = 10_000;
    public const int CapacityBytes = 64 * 1024 * 1024;

    private const int MaxBatchBytes = 4 * 1024 * 1024;

    private readonly string operation;
    private readonly int maxBatch;
    private readonly Func<IReadOnlyList<TItem>, Task> execute;
    private readonly Channel<TItem> waiting = Channel.CreateBounded<TItem>(Capacity);
    private readonly Task workers;
    private long waitingBytes;

    /// <param name="operation">What it is called in spans and metrics.</param>
    /// <param name="workers">How many batches may be on their way at once.</param>
    /// <param name="maxBatch">How many items one batch may have.</param>
    /// <param name="execute">Gives each item its result. When it throws, the items without a result get the exception.</param>
    public BatchQueue(string operation, int workers, int maxBatch, Func<IReadOnlyList<TItem>, Task> execute)
    {
        this.operation = operation;
        this.maxBatch = maxBatch;
        this.execute = execute;
        Telemetry.Overloads.Add(0, Operation); // the alert needs a zero to rise from
        // Tasks of their own: on the first caller's scheduler they would be a grain's turn that never ends.
        this.workers = Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(Work)));
    }

    /// <exception cref="StorageOverloadedException">Too much is waiting, or the queue is closed. Nothing happens with the item.</exception>
    /// <exception cref="OperationCanceledException">Called off in time: nothing happens with the item.</exception>
    public Task<TResult> Add(TItem item, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (Interlocked.Add(ref waitingBytes, item.Bytes) > CapacityBytes || !waiting.Writer.TryWrite(item))
        {
            Interlocked.Add(ref waitingBytes, -item.Bytes);
            Telemetry.Overloads.Add(1, Operation);
            throw new StorageOverloadedException();
        }

        return cancellation.CanBeCanceled ? Await(item, cancellation) : item.Result;
    }

    /// <summary>Takes no more; what was accepted is done first.</summary>
    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete();
        await workers;
    }

    private static async Task<TResult> Await(TItem item, CancellationToken cancellation)
    {
        await using var registration = cancellation.UnsafeRegister(
            static (one, token) => ((TItem)one!).CallOff(token), item);
        return await item.Result;
    }

    private async Task Work()
    {
        var batch = new List<TItem>(maxBatch);
        TItem? left = null;
        while (left is not null || await waiting.Reader.WaitToReadAsync())
        {
            // After everything that can run now, which may have more to add. When there is nothing else to do, this is at once.
            await Task.Yield();
            batch.Clear();
            var bytes = 0;
            while (batch.Count < maxBatch && (left ?? Next()) is { } item)
            {
                left = null;
                if (batch.Count > 0 && bytes + item.Bytes > MaxBatchBytes)
                {
                    left = item;
                    break;
                }

                Interlocked.Add(ref waitingBytes, -item.Bytes);
                if (!item.Take()) continue;
                bytes += item.Bytes;
                batch.Add(item);
            }

            if (batch.Count > 0) await Execute(batch);
        }
    }

    private KeyValuePair<string, object?> Operation => new("coopline.storage.operation", operation);

    private TItem? Next() => waiting.Reader.TryRead(out var item) ? item : null;

    private async Task Execute(List<TItem> batch)
    {
        using var span = Begin(batch);
        var begun = Stopwatch.GetTimestamp();
        try
        {
            await execute(batch);
        }
        catch (Exception fault)
        {
            span?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", fault.GetType().FullName);
            // Each caller gets it; an item that has its result already keeps it.
            foreach (var item in batch) item.Fail(fault);
        }

        Telemetry.BatchSize.Record(batch.Count, Operation);
        Telemetry.BatchDuration.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds, Operation);
    }

    /// <summary>A batch has many callers: its span belongs to the first of them that is recorded, and is linked to all.</summary>
    private Activity? Begin(List<TItem> batch)
    {
        if (batch.Find(item => item.Span != default) is not { } first) return null;

        var span = Telemetry.Source.StartActivity(
            $"storage.{operation}", ActivityKind.Internal, first.Span,
            links: batch.Where(item => item.Span != default && item != first).Select(item => new ActivityLink(item.Span)));
        return span?.SetTag("coopline.storage.batch.size", batch.Count);
    }
}

/// <summary>The database cannot keep up: nothing was done, come back in a moment.</summary>
public sealed class StorageOverloadedException() : OrleansException("Too much is waiting for the database.");
