using System.Collections.Immutable;
using System.Reflection;
using CoopLine.Grains;
using CoopLine.Silo.Hosting;
using CoopLine.Tests.Fixtures;
using CoopLine.Webhook;
using ArchLoader = ArchUnitNET.Loader.ArchLoader;

namespace CoopLine.Tests.Structure;

/// <summary>
/// The folders of src/ against the picture in docs/architecture.md. Read from the built assemblies, with what the compiler
/// makes of lambdas, async methods and pages; only a constant leaves no trace there. The root of a project, where its set-up
/// and its telemetry are, is not a folder.
/// </summary>
[NoDatabase]
public sealed class Who_names_whom
{
    private static readonly Assembly[] Projects =
        [typeof(CoopLineApp).Assembly, typeof(WebhookSetup).Assembly, typeof(GrainsSetup).Assembly];

    private static readonly string[] Drivers = ["Npgsql", "Microsoft.Data.", "dbup", "Orleans.Persistence.", "Orleans.Clustering."];

    private static readonly Picture Drawn = Picture.Read();

    private static readonly ImmutableArray<Naming> Found = Read();

    [Fact]
    public void No_folders_name_each_other_in_a_circle()
    {
        var names = Found.Except(Drawn.Messages).ToLookup(naming => naming.From.Folder, naming => naming.To.Folder);

        var circle = names.Select(from => Circle(from.Key, names)).FirstOrDefault(way => way.Length > 0, []);

        Assert.True(circle is [], $"{string.Join(" → ", circle)}\n{Types(circle.Zip(circle.Skip(1)))}");
    }

    [Fact]
    public void A_folder_names_only_what_is_below_it_in_the_picture()
    {
        var upwards = Found.Except(Drawn.Messages)
            .Select(naming => (naming.From.Folder, naming.To.Folder))
            .Where(step => Drawn.Line(step.Item2) <= Drawn.Line(step.Item1)).Distinct().ToArray();

        Assert.True(upwards is [], $"In docs/architecture.md, these are not below whoever names them:\n{Types(upwards)}");
    }

    [Fact]
    public void The_picture_shows_every_folder_and_every_message_that_goes_up()
    {
        var folders = Projects.SelectMany(project => project.GetTypes()).Select(type => Place.Of(type.FullName!)?.Folder).OfType<string>();

        Assert.Equal(folders.Distinct().Order(StringComparer.Ordinal), Drawn.Folders.Order(StringComparer.Ordinal));
        Assert.All(Drawn.Messages, message => Assert.Contains(message, Found));
    }

    [Fact]
    public void Grains_know_neither_ASP_NET_Core_nor_SQL() =>
        Assert.All(References(typeof(GrainsSetup)), name => Assert.DoesNotContain(["Microsoft.AspNetCore.", "System.Data.", .. Drivers], name.StartsWith));

    [Fact]
    public void Webhook_knows_no_driver_of_a_database() =>
        Assert.All(References(typeof(WebhookSetup)), name => Assert.DoesNotContain(Drivers, name.StartsWith));

    private static IEnumerable<string> References(Type of) => of.Assembly.GetReferencedAssemblies().Select(name => name.Name!);

    private static ImmutableArray<Naming> Read() =>
    [
        .. new ArchLoader().LoadAssemblies(Projects).Build().Types
            .SelectMany(type => type.Dependencies, (type, dependency) => (From: Place.Of(type.FullName), To: Place.Of(dependency.Target.FullName)))
            .Where(naming => naming.From is not null && naming.To is not null && naming.From.Folder != naming.To.Folder)
            .Select(naming => new Naming(naming.From!, naming.To!))
            .Distinct(),
    ];

    /// <returns>The shortest way from the folder back to itself; empty when there is none.</returns>
    private static ImmutableArray<string> Circle(string start, ILookup<string, string> names)
    {
        var ways = new Queue<ImmutableArray<string>>([[start]]);
        var seen = new HashSet<string>();
        while (ways.TryDequeue(out var way))
        {
            foreach (var next in names[way[^1]])
            {
                if (next == start) return [.. way, start];
                if (seen.Add(next)) ways.Enqueue([.. way, next]);
            }
        }

        return [];
    }

    private static string Types(IEnumerable<(string From, string To)> steps) => string.Join('\n', steps.Select(step =>
        $"  {step.From} → {step.To}: " + string.Join(", ", Found.Except(Drawn.Messages)
            .Where(naming => naming.From.Folder == step.From && naming.To.Folder == step.To)
            .Select(naming => $"{naming.From.Type} names {naming.To.Type}"))));
}
