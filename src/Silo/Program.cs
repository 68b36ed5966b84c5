using CoopLine.Silo.Hosting;
using CoopLine.Silo.Registry;

try
{
    if (args is ["import", .. var rest]) return await ImportCommand.Run(rest);

    await using var app = CoopLineApp.Create(args);
    await app.RunAsync();
    return 0;
}
catch (Exception e)
{
    await Console.Error.WriteLineAsync(StartProblem.Describe(e));
    return 1;
}
