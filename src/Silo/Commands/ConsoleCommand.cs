using CoopLine.Silo.Hosting;

namespace CoopLine.Silo.Commands;

/// <summary>What the commands share that use the service's settings and talk to a person.</summary>
internal static class ConsoleCommand
{
    /// <summary>The settings of the service, unchecked. Nothing is logged: the screen belongs to the command.</summary>
    public static WebApplicationBuilder CreateBuilder()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseUrls(CoopLineApp.DefaultAddress);
#if DEBUG
        builder.AddDemo(); // only its settings: nothing is started here
#endif
        builder.Logging.ClearProviders();
        builder.Services.AddSettings();
        return builder;
    }
}
