using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CoopLine.Grains.Line;

namespace CoopLine.Silo.RichMenus;

/// <summary>
/// A menu as it should be. LINE changes no menu once it is made, so another look or another action is another menu:
/// its name carries a hash of both, and tells whether LINE has it already.
/// </summary>
/// <param name="Family">What the names of all its versions begin with.</param>
internal sealed record RichMenuDesign(string Family, string Name, JsonObject Definition, byte[] Picture)
{
    private const int Width = 2500;
    private const int Height = 843;
    private const int HashShown = 12;

    public static RichMenuDesign Unlinked(LineOptions line) => Of(
        "coopline-unlinked", (Banner.LinkText, Banner.Link), Load("unlinked.png"), line);

    public static RichMenuDesign Linked(LineOptions line) => Of(
        line.LinkedRichMenu, (Banner.UnlinkText, Banner.Unlink), Load("linked.png"), line);

    /// <summary>Two halves: the banner and the coupons.</summary>
    public static RichMenuDesign Of(string family, (string Text, string Data) banner, byte[] picture, LineOptions line)
    {
        var definition = new JsonObject
        {
            ["size"] = new JsonObject { ["width"] = Width, ["height"] = Height },
            ["selected"] = true,
            ["chatBarText"] = "メニュー",
            ["areas"] = new JsonArray(
                Half(0, new JsonObject
                {
                    ["type"] = "postback",
                    ["label"] = banner.Text,
                    ["displayText"] = banner.Text,
                    ["data"] = banner.Data,
                }),
                Half(1, new JsonObject
                {
                    ["type"] = "uri",
                    ["label"] = "クーポン",
                    ["uri"] = $"https://liff.line.me/{line.LiffId}",
                })),
        };
        var hash = SHA256.HashData([.. Encoding.UTF8.GetBytes(definition.ToJsonString()), .. picture]);
        var name = $"{family} {Convert.ToHexStringLower(hash)[..HashShown]}";
        definition["name"] = name;
        return new(family, name, definition, picture);
    }

    /// <summary>Whether the menu is a version of this one; menus made by hand have the plain name.</summary>
    public bool IsVersion(RichMenu menu) =>
        menu.Name == Family || menu.Name.StartsWith(Family + " ", StringComparison.Ordinal);

    private static JsonObject Half(int index, JsonObject action) => new()
    {
        ["bounds"] = new JsonObject
        {
            ["x"] = index * Width / 2,
            ["y"] = 0,
            ["width"] = Width / 2,
            ["height"] = Height,
        },
        ["action"] = action,
    };

    private static byte[] Load(string name)
    {
        using var file = typeof(RichMenuDesign).Assembly.GetManifestResourceStream("richmenus/" + name)!;
        using var copy = new MemoryStream();
        file.CopyTo(copy);
        return copy.ToArray();
    }
}
