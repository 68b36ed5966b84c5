using System.Reflection;
using CoopLine.BrowserTests.Fixtures;
using CoopLine.Tests.Fixtures;
using Microsoft.Playwright;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(Chromium))]
[assembly: SkipWithoutChromium]

namespace CoopLine.BrowserTests.Fixtures;

/// <summary>Debian's Chromium, one for the whole run. Playwright's own download is never tried.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Program = "/usr/bin/chromium-headless-shell";

    private static IBrowser? running;
    private IPlaywright? playwright;

    public static bool IsMissing => !File.Exists(Program);

    internal static IBrowser Running => running ?? throw new InvalidOperationException($"There is no {Program}.");

    public async ValueTask InitializeAsync()
    {
        if (IsMissing)
        {
            Ci.CannotLack(Program);
            return;
        }

        Assertions.SetDefaultExpectTimeout((float)Shop.Patience.TotalMilliseconds);
        playwright = await Playwright.CreateAsync();
        running = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Program,
            Timeout = 3 * (float)Shop.Patience.TotalMilliseconds,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-background-networking",
                "--disable-lcd-text", "--font-render-hinting=none", // pictures are small, and alike on every machine
            ],
        });
    }

    public async ValueTask DisposeAsync()
    {
        await Report.Write();
        if (running is not null) await running.DisposeAsync();
        running = null;
        playwright?.Dispose();
    }
}

/// <summary>Skips tests for want of Chromium, each by itself: what tests share cannot skip them, it can only fail them.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class SkipWithoutChromiumAttribute : BeforeAfterTestAttribute
{
    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (Chromium.IsMissing) Assert.Skip("There is no Chromium on this machine.");
    }
}
