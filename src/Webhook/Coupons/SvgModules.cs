using System.Globalization;
using System.Text;

namespace CoopLine.Webhook.Coupons;

/// <summary>Dark modules on white: one path, no style and no script, so that no policy of the page stands in the way.</summary>
internal sealed class SvgModules(int width, int height)
{
    private readonly StringBuilder path = new();

    public void Dark(int x, int y, int w, int h) =>
        path.Append(CultureInfo.InvariantCulture, $"M{x} {y}h{w}v{h}h-{w}z");

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" shape-rendering="crispEdges" aria-hidden="true"><path fill="#fff" d="M0 0h{width}v{height}h-{width}z"/><path fill="#000" d="{path}"/></svg>""");
}
