using CoopLine.Load;

var options = Options.Parse(args);
var results = new Results();
foreach (var section in options.Sections)
{
    Console.WriteLine($"== {section}");
    switch (section)
    {
        case "till":
            await TillSection.Run(options, results);
            break;
    }
}

results.TargetTable();
