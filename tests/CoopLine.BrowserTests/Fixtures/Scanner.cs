using System.Diagnostics;
using CoopLine.Tests.Fixtures;

namespace CoopLine.BrowserTests.Fixtures;

/// <summary>What <c>zbarimg</c> (Debian's zbar-tools) reads from a picture of the screen.</summary>
internal static class Scanner
{
    private const string Program = "/usr/bin/zbarimg";

    /// <returns>A line for each code, such as <c>EAN-13:2512345678908</c>, in order.</returns>
    public static async Task<string[]> Read(byte[] png)
    {
        if (!File.Exists(Program))
        {
            Ci.CannotLack(Program);
            Assert.Skip($"There is no {Program} on this machine.");
        }

        var picture = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(picture, png);
            using var scanner = Process.Start(new ProcessStartInfo(Program, ["--quiet", picture]) { RedirectStandardOutput = true })!;
            var read = await scanner.StandardOutput.ReadToEndAsync();
            await scanner.WaitForExitAsync();
            return [.. read.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
        }
        finally
        {
            File.Delete(picture);
        }
    }
}
