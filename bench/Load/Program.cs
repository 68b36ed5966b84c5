using System.Globalization;
using CoopLine.Load;

if (args is [MemorySection.Command, var coupons])
{
    await MemorySection.Activate(int.Parse(coupons, CultureInfo.InvariantCulture));
    return;
}

(string Name, string Title, Func<Options, Results, Task> Run)[] sections =
[
    ("till", TillSection.Title, TillSection.Run),
    ("webhook", WebhookSection.Title, WebhookSection.Run),
    ("growth", GrowthSection.Title, GrowthSection.Run),
    ("silos", SilosSection.Title, SilosSection.Run),
    ("tracing", TracingSection.Title, TracingSection.Run),
    ("sqlite", SqliteSection.Title, SqliteSection.Run),
    ("items", ItemsSection.Title, ItemsSection.Run),
    ("rehearsal", RehearsalSection.Title, RehearsalSection.Run),
    ("messages", MessagesSection.Title, MessagesSection.Run),
    ("memory", MemorySection.Title, MemorySection.Run),
    ("import", ImportSection.Title, ImportSection.Run),
];
var options = Options.Parse(args, [.. sections.Select(one => one.Name)]);
var report = new Report();
await Machine.Describe(report.Machine);
await using var fakeLine = await FakeLine.Start();
try
{
    foreach (var (name, title, run) in sections)
        if (options.Sections.Contains(name))
            await run(options, report.Section(title));
}
catch
{
    foreach (var line in Server.Said) await Console.Error.WriteLineAsync(line);
    throw;
}

report.End(options);
