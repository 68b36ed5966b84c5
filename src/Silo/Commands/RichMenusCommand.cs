using System.Runtime.InteropServices;
using CoopLine.Grains;
using CoopLine.Grains.Line;
using CoopLine.Silo.Hosting;
using CoopLine.Silo.RichMenus;

namespace CoopLine.Silo.Commands;

/// <summary><c>richmenus [--dry-run]</c>: brings LINE's menus to what this program has, whether or not the service runs.</summary>
internal static class RichMenusCommand
{
    private const int DoneCode = 0;
    private const int UnfinishedCode = 1;
    private const int UsageCode = 2;

    private const string Usage = """
        Usage: richmenus [--dry-run]

          --dry-run   say what would be done, and do nothing

        Creates the two menus at LINE, shows them, and replaces older versions. Run again, it changes nothing, or goes on
        where it was interrupted. Exit code: 0 done, 1 not finished, 2 wrong usage.
        """;

    /// <summary>With the settings of the service, of which it needs those of LINE.</summary>
    /// <param name="args">What follows the word <c>richmenus</c>.</param>
    /// <exception cref="MissingSettingsException">Settings of LINE are missing; the message names each.</exception>
    public static async Task<int> Run(string[] args)
    {
        var builder = ConsoleCommand.CreateBuilder();
        RequiredSettings.CheckLine(builder.Configuration);
        builder.Services.AddLineClient();
        builder.Services.AddRichMenus();
        await using var app = builder.Build();

        using var calledOff = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            signal.Cancel = true;
            calledOff.Cancel();
        });
        return await Run(app.Services.GetRequiredService<RichMenuPublisher>(), args, Console.Out, calledOff.Token);
    }

    /// <param name="args">What follows the word <c>richmenus</c>.</param>
    /// <returns>The process's exit code.</returns>
    public static async Task<int> Run(
        RichMenuPublisher menus, string[] args, TextWriter console, CancellationToken cancellation = default)
    {
        if (args is not ([] or ["--dry-run"]))
        {
            console.WriteLine(Usage);
            return UsageCode;
        }

        try
        {
            var dryRun = args is ["--dry-run"];
            var changed = await menus.Publish(dryRun, step => console.WriteLine($"  {step}"), cancellation);
            console.WriteLine((changed, dryRun) switch
            {
                (false, _) => "LINE has both menus as they should be; there is nothing to do.",
                (true, true) => "This would be done; nothing was changed.",
                (true, false) => "Done.",
            });
            return DoneCode;
        }
        catch (LineRefusalException e)
        {
            console.WriteLine(e.Message);
            console.WriteLine("Not finished, and nobody has lost a menu. Run the command again, and it goes on from here.");
            return UnfinishedCode;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            console.WriteLine("Called off. Run the command again, and it goes on from here.");
            return UnfinishedCode;
        }
    }
}
