using System.Collections.Concurrent;
using System.Globalization;

namespace CoopLine.ClusterTests.Load;

/// <summary>Everybody's n-th campaign; who comes first has it published.</summary>
internal sealed class Campaigns(Counter counter, Random random)
{
    private readonly ConcurrentDictionary<int, Lazy<Task<string>>> all = new();
    private readonly string prefix = $"tofu-{random.Next(0x1000000):x6}-";

    public Task<string[]> From(int number, int count) => Task.WhenAll(Enumerable.Range(number, count).Select(Number));

    private Task<string> Number(int number) => all.GetOrAdd(number, _ => new(async () =>
    {
        var id = prefix + number.ToString(CultureInfo.InvariantCulture);
        await counter.Publish(new Random(number), id);
        return id;
    })).Value;
}
