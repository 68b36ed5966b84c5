using CoopLine.Silo.Hosting;

namespace CoopLine.Silo.Commands;

/// <summary>What the commands have in common that work with the service's settings and speak to a person.</summary>
internal static class ConsoleCommand
{
    /// <summary>The settings of the service, none of them checked; nothing is logged, for the screen is the command's.</summary>
    public static WebApplicationBuilder CreateBuilder()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseUrls(CoopLineApp.DefaultAddress);
#if DEBUG
        builder.AddDemo(); // for its settings: nothing is started here
#endif
        builder.Logging.ClearProviders();
        builder.Services.AddSettings();
        return builder;
    }
}
