using System.Diagnostics;
using System.Globalization;
using CoopLine.Grains;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace CoopLine.Silo.Hosting;

/// <summary>
/// The console log, one line an entry, with the trace id. Whatever a library writes into a message or an exception,
/// member numbers, LINE user ids, tokens and codes do not get through.
/// </summary>
internal sealed class MaskedFormatter(TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "masked";

    public override void Write<TState>(
        in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var time = clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var text = PersonalData.Mask(logEntry.Formatter(logEntry.State, logEntry.Exception));
        textWriter.WriteLine($"{time} {logEntry.LogLevel} {logEntry.Category} {text} {Activity.Current?.TraceId}");
        if (logEntry.Exception is { } exception) textWriter.WriteLine(PersonalData.Mask(exception.ToString()));
    }
}

internal static class MaskedLoggingSetup
{
    /// <summary>
    /// At its first look, seconds after the start, Orleans' watchdog takes the time since the machine was booted for a stall.
    /// What it says is believed from the second minute on.
    /// </summary>
    internal static Func<LogLevel, bool> WatchdogMaySpeak(TimeProvider clock)
    {
        var start = clock.GetTimestamp();
        return level => level >= LogLevel.Warning && clock.GetElapsedTime(start) >= TimeSpan.FromMinutes(1);
    }

    extension(WebApplicationBuilder builder)
    {
        public void AddMaskedLogging()
        {
            builder.Logging.AddFilter("Orleans.Runtime.Watchdog", WatchdogMaySpeak(TimeProvider.System));
            builder.Logging.ClearProviders();
            builder.Logging.AddConsole(console => console.FormatterName = MaskedFormatter.FormatterName);
            builder.Logging.AddConsoleFormatter<MaskedFormatter, ConsoleFormatterOptions>();
        }
    }
}
