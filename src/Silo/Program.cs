using CoopLine.Silo.Commands;
using CoopLine.Silo.Hosting;

try
{
    if (args is ["import", .. var rest]) return await ImportCommand.Run(rest);
    if (args is ["richmenus", .. var options]) return await RichMenusCommand.Run(options);
    if (args is ["migrate", .. var settings]) return MigrateCommand.Run(settings);

    await using var app = CoopLineApp.Create(args);
    await app.RunAsync();
    return 0;
}
catch (Exception e)
{
    await Console.Error.WriteLineAsync(StartProblem.Describe(e));
    return 1;
}
