using System.Collections.Immutable;
using CoopLine.Grains.Messages;

namespace CoopLine.Tests.Fixtures;

/// <summary>Tables of plans whose calls fail at random, before they reach the database or after they were committed.</summary>
internal sealed class ShakySendPlans(ISendPlans plans, Shakes shakes) : ISendPlans
{
    public Task<Reach> Preview(string campaign, MessageDefinition definition, CancellationToken cancellation) =>
        plans.Preview(campaign, definition, cancellation);

    public Task Write(string campaign, MessageDefinition definition, CancellationToken cancellation) =>
        shakes.Shake("write", () => plans.Write(campaign, definition, cancellation));

    public Task SetGate(string campaign, bool open, int turn, CancellationToken cancellation) =>
        shakes.Shake("gate", () => plans.SetGate(campaign, open, turn, cancellation));

    public Task<SendProgress?> Progress(string campaign, CancellationToken cancellation) => plans.Progress(campaign, cancellation);

    public Task<SendCounts?> Count(string campaign, CancellationToken cancellation) => plans.Count(campaign, cancellation);

    public Task<ImmutableArray<SendPerson>> Persons(
        string campaign, PersonState? state, long after, int limit, CancellationToken cancellation) =>
        plans.Persons(campaign, state, after, limit, cancellation);
}

/// <summary>The same of their blocks.</summary>
internal sealed class ShakySendBlocks(ISendBlocks blocks, Shakes shakes) : ISendBlocks
{
    public Task<ImmutableArray<SendBlock>> Next(string campaign, int limit, CancellationToken cancellation) => blocks.Next(campaign, limit, cancellation);

    public Task<ImmutableArray<FrozenBlock>?> Close(int block, Closing close, CancellationToken cancellation) =>
        shakes.Shake("close", () => blocks.Close(block, close, cancellation));

    public Task<FrozenBlock?> Frozen(string campaign, int block, CancellationToken cancellation) => blocks.Frozen(campaign, block, cancellation);

    public Task Settle(string campaign, int block, BlockState became, DateTimeOffset now, CancellationToken cancellation) =>
        shakes.Shake("settle", () => blocks.Settle(campaign, block, became, now, cancellation));

    public Task Split(int block, Closing close, CancellationToken cancellation) =>
        shakes.Shake("split", () => blocks.Split(block, close, cancellation));

    public Task Abandon(string campaign, CancellationToken cancellation) =>
        shakes.Shake("abandon", () => blocks.Abandon(campaign, cancellation));
}

/// <summary>How often calls fail, and which have.</summary>
internal sealed class Shakes
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> struck = [];

    public Random? Random { get; set; }

    /// <summary>Of a hundred calls.</summary>
    public int Percent { get; set; }

    /// <summary>No other call fails; null: any.</summary>
    public string? Only { get; init; }

    /// <summary>What a call, by its name, waits for.</summary>
    public Func<string, Task> Before { get; set; } = _ => Task.CompletedTask;

    public int Struck(string call, Fault fault)
    {
        lock (gate) return struck.GetValueOrDefault(call + fault);
    }

    private Fault? Next(string call)
    {
        lock (gate)
        {
            if (Random is not { } random || (Only ?? call) != call || random.Next(100) >= Percent) return null;
            var fault = random.Next(2) == 0 ? Fault.BeforeTheWrite : Fault.AfterTheCommit;
            struck[call + fault] = struck.GetValueOrDefault(call + fault) + 1;
            return fault;
        }
    }

    /// <summary>Wraps what the host has registered.</summary>
    public void Wrap(IServiceCollection services)
    {
        var (plans, blocks) = (Real<ISendPlans>(services), Real<ISendBlocks>(services));
        services.AddSingleton<ISendPlans>(provider => new ShakySendPlans(plans(provider), this));
        services.AddSingleton<ISendBlocks>(provider => new ShakySendBlocks(blocks(provider), this));
    }

    public Task<bool> Shake(string call, Func<Task> go) => Shake(call, async () =>
    {
        await go();
        return true;
    });

    public async Task<T> Shake<T>(string call, Func<Task<T>> go)
    {
        await Before(call);
        var fault = Next(call);
        if (fault == Fault.BeforeTheWrite) throw new Npgsql.NpgsqlException($"{call} is struck before the write.");
        var done = await go();
        return fault == Fault.AfterTheCommit ? throw new Npgsql.NpgsqlException($"{call} is struck after the commit.") : done;
    }

    private static Func<IServiceProvider, T> Real<T>(IServiceCollection services)
    {
        var type = services.Last(service => service.ServiceType == typeof(T)).ImplementationType!;
        return provider => (T)ActivatorUtilities.CreateInstance(provider, type);
    }
}
