namespace CoopLine.Load;

/// <summary>Signed postbacks from many friends, each stored once before 200 is said.</summary>
internal static class WebhookSection
{
    public const string Title = "Webhook intake";

    private const string CoopLineTemplate = "seed_friends";
    private const string NodeTemplate = "seed_node";
    private const int TargetConnections = 64;

    private const string EventsInStates = """
        SELECT coalesce(sum(json_array_length(convert_from(PayloadBinary, 'UTF8')::json -> 'events')), 0)
        FROM OrleansStorage
        WHERE GrainTypeString = 'line-account'
        """;

    private static readonly Level[] Usual = [new(16), new(TargetConnections), new(256)];

    public static async Task Run(Options options, Results results)
    {
        var friends = options.Seeds ?? (options.Quick ? 50_000 : 300_000);
        Console.WriteLine($"Preparing {friends} friends …");
        await Seeds.Friends(CoopLineTemplate, friends);
        await Postgres.Create(NodeTemplate);
        await Postgres.Execute(NodeTemplate, await File.ReadAllTextAsync(Path.Combine(Server.NodePeer, "schema.sql")));

        Side[] sides =
        [
            Side("node", new PostgresStore("node", NodeTemplate, "SELECT count(*) FROM webhook_event"),
                database => Server.Node(database, options.Setting("Node:Pool", "20"))),
            Side("plain", new PostgresStore("plain", CoopLineTemplate, EventsInStates), database => CoopLine(database, TillSection.Plain)),
            Side("coopline", new PostgresStore("coopline", CoopLineTemplate, EventsInStates), database => CoopLine(database)),
        ];
        await new Turns(sides, options, results).Run(
            options.Levels(Usual), ("coopline", "node"), ("coopline", "plain"));
        results.AtLeast(
            $"Webhook intake, {TargetConnections} connections: times Node",
            results.Median(Turns.Pair("coopline", "node"), $"{TargetConnections}", Turns.Speed), 3);
        await Postgres.Drop(CoopLineTemplate);
        await Postgres.Drop(NodeTemplate);

        Side Side(string name, PostgresStore store, Func<string, Task<Server>> start) => new(
            name, new(name, store, () => start(store.Database)), new SeededCalls(0, friends, (first, count) => new Postbacks(first, count)));

        Task<Server> CoopLine(string database, params (string, string)[] settings) => Server.CoopLine(database, options.Over(settings));
    }
}
