using CoopLine.Silo.Hosting;
using CoopLine.Silo.Registry;

try
{
    if (args is ["import", .. var rest]) return await ImportCommand.Run(rest);

    await using var app = CoopLineApp.Create(args);
    await app.RunAsync();
    return 0;
}
catch (MissingSettingsException missing)
{
    await Console.Error.WriteLineAsync(missing.Message);
    return 1;
}
