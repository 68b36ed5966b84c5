using System.Data.Common;
using CoopLine.Grains;
using CoopLine.Silo.Storage;
using Microsoft.Extensions.Options;

namespace CoopLine.Silo.Hosting;

/// <summary>Says to an operator why the program did not start.</summary>
internal static class StartProblem
{
    /// <returns>What to set or free; for anything else, which is a defect, the whole exception without personal data.</returns>
    public static string Describe(Exception e) => e switch
    {
        MissingSettingsException or SchemaException => e.Message,
        OptionsValidationException wrong => "CoopLine cannot start. " + string.Join(Environment.NewLine, wrong.Failures),
        AggregateException { InnerExceptions: [var only] } => Describe(only),
        InvalidOperationException or IOException or FormatException or ArgumentException or DbException =>
            "CoopLine cannot start. " + PersonalData.Mask(Messages(e)),
        _ => PersonalData.Mask(e.ToString()),
    };

    private static string Messages(Exception? e) => e is null ? "" : $"{e.Message} {Messages(e.InnerException)}".TrimEnd();
}
