using CoopLine.Silo.Storage.Batching;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Storage;

/// <summary>What waits for the database: gathered, bounded, never lost and never done twice.</summary>
[NoDatabase]
public sealed class Queueing : IAsyncDisposable
{
    private readonly List<int[]> batches = [];
    private readonly SemaphoreSlim arrived = new(0);
    private readonly SemaphoreSlim released = new(0);
    private readonly BatchQueue<Number, int> queue;

    public Queueing() => queue = new("test", workers: 1, maxBatch: 10, async batch =>
    {
        lock (batches) batches.Add([.. batch.Select(number => number.Value)]);
        arrived.Release();
        await released.WaitAsync();
        foreach (var number in batch)
        {
            if (number.Value == 13) number.Fail(new InvalidDataException("13"));
            else if (number.Value == 99) throw new IOException("the database is gone");
            else number.Succeed(number.Value * 2);
        }
    });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        released.Release(1_000_000);
        await queue.DisposeAsync();
        arrived.Dispose();
        released.Dispose();
    }

    [Fact]
    public async Task What_comes_alone_goes_alone_and_what_comes_meanwhile_goes_together()
    {
        var results = new List<Task<int>> { Add(1) };
        await arrived.WaitAsync(Cancellation);
        results.AddRange([Add(2), Add(3), Add(4)]);
        released.Release(2);

        int[] all = await Task.WhenAll(results);
        Assert.Equal([2, 4, 6, 8], all);
        Assert.Equal([[1], [2, 3, 4]], batches);
    }

    [Fact]
    public async Task A_batch_has_a_largest_number_and_a_largest_size()
    {
        var first = await Busy();
        Task<int>[] many = [.. Enumerable.Range(20, 12).Select(value => Add(value))];
        Task<int>[] large = [.. Enumerable.Range(40, 3).Select(value => Add(value, bytes: 3 * 1024 * 1024))];
        released.Release(10);
        await Task.WhenAll([first, .. many, .. large]);

        Assert.Equal([1, 10, 3, 1, 1], batches.Select(batch => batch.Length));
    }

    [Fact]
    public async Task One_that_fails_fails_alone()
    {
        var first = await Busy();
        Task<int>[] together = [Add(12), Add(13), Add(14)];
        released.Release(2);

        Assert.Equal(24, await together[0]);
        await Assert.ThrowsAsync<InvalidDataException>(() => together[1]);
        Assert.Equal(28, await together[2]);
        await first;
    }

    [Fact]
    public async Task When_a_batch_breaks_those_without_a_result_learn_it_and_the_next_batch_goes_on()
    {
        var first = await Busy();
        Task<int>[] together = [Add(5), Add(99), Add(6)];
        released.Release(3);

        Assert.Equal(10, await together[0]);
        await Assert.ThrowsAsync<IOException>(() => together[1]);
        await Assert.ThrowsAsync<IOException>(() => together[2]);
        Assert.Equal(14, await Add(7));
        await first;
    }

    [Fact]
    public async Task What_is_called_off_in_time_never_happens()
    {
        using var cancel = new CancellationTokenSource();
        var first = await Busy();
        var calledOff = queue.Add(new(2, 0), cancel.Token);
        var next = Add(3);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calledOff);
        released.Release(2);
        await Task.WhenAll(first, next);
        Assert.Equal([[1], [3]], batches);
    }

    [Fact]
    public async Task What_is_called_off_too_late_has_its_result()
    {
        using var cancel = new CancellationTokenSource();
        var taken = queue.Add(new(1, 0), cancel.Token);
        await arrived.WaitAsync(Cancellation);
        await cancel.CancelAsync();
        released.Release();

        Assert.Equal(2, await taken);
    }

    [Fact]
    public async Task More_than_can_wait_is_refused_and_later_there_is_room_again()
    {
        var first = await Busy();
        Task<int>[] waiting = [.. Enumerable.Repeat(2, BatchQueue<Number, int>.Capacity).Select(value => Add(value))];

        await Assert.ThrowsAsync<StorageOverloadedException>(() => Add(3));
        released.Release(10_000);
        await Task.WhenAll([first, .. waiting]);
        Assert.Equal(8, await Add(4));
    }

    [Fact]
    public async Task More_bytes_than_can_wait_are_refused_and_later_there_is_room_again()
    {
        const int half = BatchQueue<Number, int>.CapacityBytes / 2;
        var first = await Busy();
        Task<int>[] waiting = [Add(2, half), Add(3, half)];

        await Assert.ThrowsAsync<StorageOverloadedException>(() => Add(4, 1));
        var small = Add(5); // takes no room
        released.Release(10);
        await Task.WhenAll([first, .. waiting, small]);
        Assert.Equal(8, await Add(4, half));
    }

    [Fact]
    public async Task Closing_does_what_was_accepted_and_takes_no_more()
    {
        var first = await Busy();
        Task<int>[] waiting = [Add(2), Add(3)];
        var closed = queue.DisposeAsync();

        await Assert.ThrowsAsync<StorageOverloadedException>(() => Add(4));
        released.Release(2);
        await closed;
        int[] all = await Task.WhenAll([first, .. waiting]);
        Assert.Equal([2, 4, 6], all);
    }

    /// <summary>From here on everything waits, until <see cref="released"/> lets the batch of 1 go.</summary>
    private async Task<Task<int>> Busy()
    {
        var first = Add(1);
        await arrived.WaitAsync(Cancellation);
        return first;
    }

    private Task<int> Add(int value, int bytes = 0) => queue.Add(new(value, bytes), CancellationToken.None);

    private sealed class Number(int value, int bytes) : Waiting<int>
    {
        public int Value { get; } = value;

        public override int Bytes => bytes;
    }
}
