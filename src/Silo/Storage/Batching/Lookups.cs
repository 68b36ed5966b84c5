namespace CoopLine.Silo.Storage.Batching;

/// <summary>Answers what many ask at the same moment with one query.</summary>
/// <param name="operation">What it is called in spans and metrics.</param>
/// <param name="find">Finds what there is for some keys, each of which several callers may have asked for.</param>
/// <param name="none">The answer for a key for which there is nothing.</param>
internal sealed class Lookups<TKey, TFound>(
    string operation,
    Func<IReadOnlyCollection<TKey>, Task<IReadOnlyDictionary<TKey, TFound>>> find, TFound none) : IAsyncDisposable
    where TKey : notnull
{
    private const int Workers = 1;
    private const int MaxBatch = 256;

    private readonly BatchQueue<Lookup, TFound> queue = new(operation, Workers, MaxBatch, async batch =>
    {
        var found = await find(batch.Select(lookup => lookup.Key).ToHashSet());
        foreach (var lookup in batch) lookup.Succeed(found.GetValueOrDefault(lookup.Key, none));
    });

    public Task<TFound> Find(TKey key, CancellationToken cancellation) => queue.Add(new(key), cancellation);

    public ValueTask DisposeAsync() => queue.DisposeAsync();

    private sealed class Lookup(TKey key) : Waiting<TFound>
    {
        public TKey Key { get; } = key;
    }
}
