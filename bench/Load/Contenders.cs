namespace CoopLine.Load;

/// <summary>Something that does the job: its processes, and what they write to.</summary>
/// <param name="start">One of its processes.</param>
/// <param name="processes">The load is spread over them.</param>
internal sealed class Contender(string name, Store store, Func<Task<Server>> start, int processes = 1)
{
    private readonly List<Server> servers = [];
    private long recorded;

    public string Name => name;

    /// <summary>PostgreSQL's database, if it has one.</summary>
    public string? Database => store.Database;

    /// <summary>Whether its data is the same at every start; else what was sent before is in it.</summary>
    public bool IsFresh => store.IsFresh;

    public int[] Ports => [.. servers.Select(server => server.Port)];

    public double CpuSeconds => servers.Sum(server => Processes.CpuSeconds(server.ProcessId));

    public async Task Start()
    {
        await store.Open();
        recorded = await store.Recorded();
        for (var i = 0; i < processes; i++) servers.Add(await start());
    }

    public async Task Stop()
    {
        foreach (var server in servers) await server.DisposeAsync();
        servers.Clear();
        await store.Close();
    }

    /// <summary>What was answered and what is written must be the same.</summary>
    /// <param name="answered">Calls since the last look.</param>
    public async Task Check(long answered)
    {
        var now = await store.Recorded();
        if (now - recorded != answered)
            throw new InvalidDataException($"{Name}: {answered} calls were answered, and {now - recorded} are recorded.");
        recorded = now;
    }
}

/// <summary>What a contender writes to.</summary>
internal abstract class Store
{
    public abstract string? Database { get; }

    public virtual bool IsFresh => true;

    public abstract Task Open();

    public abstract Task Close();

    /// <summary>How many calls have been recorded for ever.</summary>
    public abstract Task<long> Recorded();
}

/// <param name="database">Of several contenders at the same time each has its own.</param>
/// <param name="template">What the database starts from; null: it is there, and goes on being used in the next round.</param>
/// <param name="question">SQL for <see cref="Recorded"/>.</param>
internal sealed class PostgresStore(string database, string? template, string question = PostgresStore.LedgerRows) : Store
{
    public const string LedgerRows = "SELECT count(*) FROM ledger";

    public override string Database => database;

    public override bool IsFresh => template is not null;

    public override async Task Open()
    {
        if (template is not null) await Postgres.Create(database, template);
        await Postgres.Settle();
    }

    public override Task Close() => template is null ? Task.CompletedTask : Postgres.Drop(database);

    public override Task<long> Recorded() => Postgres.Ask<long>(database, question);
}
