using System.Globalization;

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

    private static readonly int[] Usual = [16, TargetConnections, 256];

    public static async Task Run(Options options, Results results)
    {
        var friends = options.Seeds ?? (options.Quick ? 50_000 : 300_000);
        var pool = int.Parse(options.Settings.GetValueOrDefault("Node:Pool") ?? "20", CultureInfo.InvariantCulture);
        Console.WriteLine($"Preparing {friends} friends …");
        if (options.Wants("coopline") || options.Wants("plain")) await Seeds.Friends(CoopLineTemplate, friends);
        await Postgres.Create(NodeTemplate);
        await Postgres.Execute(NodeTemplate, await File.ReadAllTextAsync(Path.Combine(Server.NodePeer, "schema.sql")));

        var node = new PostgresStore(NodeTemplate, "SELECT count(*) FROM webhook_event");
        Contender[] all =
        [
            CoopLine("coopline", groupCommit: true),
            CoopLine("plain", groupCommit: false),
            new HttpContender("node", node, friends, Requests, () => Server.Node(node.Database, pool)),
        ];
        await Rounds.Run([.. all.Where(one => options.Wants(one.Name))], options.Connections ?? Usual, options, results);
        results.AtLeast(
            $"Webhook intake, {TargetConnections} connections: times Node",
            Rounds.Ratio(results, "coopline", "node", TargetConnections), 3);
        await Postgres.Drop(CoopLineTemplate);
        await Postgres.Drop(NodeTemplate);

        HttpContender CoopLine(string name, bool groupCommit)
        {
            var store = new PostgresStore(CoopLineTemplate, EventsInStates);
            return new(name, store, friends, Requests, () => Server.CoopLine(
                store.Database,
                new Dictionary<string, string>(options.Settings)
                {
                    ["CoopLine:Storage:GroupCommit"] = groupCommit ? "true" : "false",
                }));
        }
    }

    private static Postbacks Requests(long first, long count) => new(first, count);
}
