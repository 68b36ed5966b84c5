using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace CoopLine.BrowserTests.Fixtures;

/// <summary>Looks at a page as somebody with poor eyes does.</summary>
internal static class Eye
{
    private static readonly string[] Wcag = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];

    extension(IPage page)
    {
        /// <summary>Axe finds nothing against WCAG 2.2 AA, nor against its own good practice unless that is left out.</summary>
        /// <returns>How many rules were fulfilled, and how many axe could not decide.</returns>
        public async Task<(int Passes, int Undecided)> AssertAccessible(string what, bool goodPractice = true)
        {
            List<string> rules = [.. Wcag, .. goodPractice ? ["best-practice"] : Array.Empty<string>()];
            var result = await page.RunAxe(new AxeRunOptions { RunOnly = new() { Type = "tag", Values = rules } });
            Assert.True(result.Violations is [], what + "\n" + string.Join('\n', result.Violations.SelectMany(violation =>
                violation.Nodes.Select(node => $"{violation.Id}: {violation.Help}\n    {node.Html}\n    {string.Join("; ", node.Any.Concat(node.All).Select(check => check.Message))}"))));
            return (result.Passes.Length, result.Incomplete.Length);
        }

        /// <summary>Nothing is wider than the window.</summary>
        public async Task AssertNoSidewaysScrolling(string what)
        {
            var wide = await page.EvaluateAsync<string[]>(
                """
                () => document.documentElement.scrollWidth <= innerWidth ? [] :
                  [...document.body.querySelectorAll('*')]
                    .filter(one => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + .5)
                    .map(one => `${one.outerHTML.slice(0, 120)} until ${Math.round(one.getBoundingClientRect().right)} of ${innerWidth}`)
                    .concat(`in all ${document.documentElement.scrollWidth} of ${innerWidth}`)
                """);
            Assert.True(wide is [], $"{what} scrolls sideways:\n{string.Join('\n', wide)}");
        }
    }
}
