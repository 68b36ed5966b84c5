using CoopLine.BrowserTests.Fixtures;
using Microsoft.Playwright;

namespace CoopLine.BrowserTests;

/// <summary>
/// Every page in every state: axe finds nothing in light and in dark, at 320 px, nothing scrolls sideways at 320 px and at
/// a zoom of 200 %, and the screenshots of docs/screens are taken.
/// </summary>
public abstract class Screens(Shop shop)
{
    private const int Narrow = 320;
    private const int Usual = 375;

    protected Shop Shop => shop;

    /// <summary>How states are first looked at.</summary>
    internal static Look Phone { get; } = new() { Width = Usual };

    private protected static async Task Check(string name, string words, IFrame screen, bool alsoDark = false)
    {
        var page = screen.Page;
        await Picture(page, name);
        await Resize(page, Narrow);
        await page.AssertNoSidewaysScrolling(name);
        var (passes, undecided) = await page.AssertAccessible(name);

        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark, ReducedMotion = ReducedMotion.Reduce });
        var dark = await page.AssertAccessible(name + " in dark");
        if (alsoDark)
        {
            await Resize(page, Usual);
            await Picture(page, name + "-dark");
        }

        // A zoom of 200 % leaves the page half of the window, in twice as large pixels.
        await Resize(page, Narrow / 2);
        await page.AssertNoSidewaysScrolling(name + " at 200 %");
        Report.Add(Report.States, $"[{name}](screens/{name}.png)", words, $"{passes} / {dark.Passes}", 0, $"{undecided} / {dark.Undecided}");
    }

    /// <summary>The whole page in a window of its height, so that nothing lies over it.</summary>
    internal static async Task Picture(IPage page, string name)
    {
        if (Report.Docs is null) return;
        var window = page.ViewportSize!;
        await Resize(page, window.Width, await page.EvaluateAsync<int>("() => document.documentElement.scrollHeight"));
        await Shoot(page, name);
        await Resize(page, window.Width, window.Height);
    }

    /// <summary>The page as it is; also where no script runs.</summary>
    private protected static async Task Shoot(IPage page, string name)
    {
        if (Report.Docs is null) return;
        await page.ScreenshotAsync(new()
        {
            Path = Path.Combine(Report.Docs, "screens", name + ".png"),
            FullPage = true,
            Animations = ScreenshotAnimations.Disabled,
            Caret = ScreenshotCaret.Hide,
        });
    }

    private protected static async Task Resize(IPage page, int width, int height = 720)
    {
        await page.SetViewportSizeAsync(width, height);
        // The browser tells the page of it in its own time; two frames after that the page has drawn.
        await page.WaitForFunctionAsync("width => innerWidth === width", width);
        await page.EvaluateAsync("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
    }
}
