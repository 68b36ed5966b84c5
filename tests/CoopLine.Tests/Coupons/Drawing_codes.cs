using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using CoopLine.Grains.Coupons;
using CoopLine.Tests.Fixtures;
using CoopLine.Webhook.Coupons;

namespace CoopLine.Tests.Coupons;

/// <summary>What scanners read, module by module.</summary>
[NoDatabase]
public sealed class Drawing_codes
{
    [Theory]
    // The bars as printed in the public descriptions of EAN-13: guard, six digits, centre, six digits, guard.
    [InlineData("4003994155486",
        "101" + "0001101" + "0100111" + "0111101" + "0001011" + "0010111" + "0011101" + "01010"
        + "1100110" + "1001110" + "1001110" + "1011100" + "1001000" + "1010000" + "101")]
    [InlineData("9780201379624",
        "101" + "0111011" + "0001001" + "0100111" + "0010011" + "0100111" + "0011001" + "01010"
        + "1000010" + "1000100" + "1110100" + "1010000" + "1101100" + "1011100" + "101")]
    public void Known_numbers_have_their_known_bars(string code, string modules) =>
        Assert.Equal(modules, Ean13Barcode.Modules(code));

    [Fact]
    public void Every_number_can_be_read_back_from_its_bars()
    {
        for (var i = 0; i < 500; i++)
        {
            var code = Ean13.NewCode("2" + i % 10);
            Assert.Equal(code, Read(Ean13Barcode.Modules(code)));
        }
    }

    [Fact]
    public void Bars_are_dark_on_white_between_quiet_zones_and_say_the_same_as_the_modules()
    {
        const string code = "2512345678908";
        var svg = XElement.Parse(Ean13Barcode.Svg(code));

        var drawn = new char[113];
        Array.Fill(drawn, '0');
        foreach (Match bar in Regex.Matches(Dark(svg), @"M(\d+) 0h1v(\d+)h-1z")) drawn[Number(bar.Groups[1].Value)] = '1';

        Assert.Equal("0 0 113 55", svg.Attribute("viewBox")!.Value);
        Assert.Equal(new string('0', 11) + Ean13Barcode.Modules(code) + new string('0', 7), new string(drawn));
        Assert.Equal("crispEdges", svg.Attribute("shape-rendering")!.Value);
        Assert.Equal("M0 0h113v55h-113z", svg.Elements().First().Attribute("d")!.Value);
        Assert.Equal("#fff", svg.Elements().First().Attribute("fill")!.Value);
    }

    [Fact]
    public void The_drawings_have_nothing_that_the_pages_policy_forbids()
    {
        foreach (var drawing in new[] { Ean13Barcode.Svg("2512345678908"), QrCode.Svg("2512345678908") })
        {
            var svg = XElement.Parse(drawing);
            Assert.All(svg.DescendantsAndSelf(), element => Assert.Contains(element.Name.LocalName, new[] { "svg", "path" }));
            Assert.DoesNotContain("style", drawing, StringComparison.OrdinalIgnoreCase);
            Assert.InRange(drawing.Length, 500, 8_000);
        }
    }

    [Fact]
    public void A_QR_code_has_its_three_corners_and_four_light_modules_around_them()
    {
        var svg = XElement.Parse(QrCode.Svg("2512345678908"));
        var size = Number(svg.Attribute("viewBox")!.Value.Split(' ')[2]);
        var dark = new bool[size, size];
        foreach (Match run in Regex.Matches(Dark(svg), @"M(\d+) (\d+)h(\d+)v1h-\3z"))
            for (var i = 0; i < Number(run.Groups[3].Value); i++)
                dark[Number(run.Groups[1].Value) + i, Number(run.Groups[2].Value)] = true;

        Assert.Equal(21 + 8, size); // the smallest there is holds thirteen digits
        for (var i = 0; i < size; i++)
            for (var quiet = 0; quiet < 4; quiet++)
                Assert.False(dark[i, quiet] || dark[quiet, i] || dark[i, size - 1 - quiet] || dark[size - 1 - quiet, i]);
        foreach (var (x, y) in new[] { (4, 4), (size - 11, 4), (4, size - 11) })
            for (var i = 0; i < 7; i++)
                Assert.True(dark[x + i, y] && dark[x, y + i] && dark[x + i, y + 6] && dark[x + 6, y + i]);
        Assert.False(dark[size - 11, size - 11] && dark[size - 5, size - 11] && dark[size - 8, size - 11]);
    }

    private static string Dark(XElement svg) => svg.Elements().Single(path => path.Attribute("fill")!.Value == "#000").Attribute("d")!.Value;

    private static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    /// <summary>Reads as a scanner does: widths of bars, parity, the first digit from the parities.</summary>
    private static string Read(string modules)
    {
        string[] odd = ["3211", "2221", "2122", "1411", "1132", "1231", "1114", "1312", "1213", "3112"];
        string[] parities =
            ["oooooo", "ooeoee", "ooeeoe", "ooeeeo", "oeooee", "oeeooe", "oeeeoo", "oeoeoe", "oeoeeo", "oeeoeo"];
        Assert.StartsWith("101", modules, StringComparison.Ordinal);
        Assert.EndsWith("101", modules, StringComparison.Ordinal);
        Assert.Equal("01010", modules[45..50]);
        var digits = "";
        var parity = "";
        for (var i = 0; i < 12; i++)
        {
            var at = i < 6 ? 3 + 7 * i : 50 + 7 * (i - 6);
            var widths = string.Concat(Regex.Matches(modules[at..(at + 7)], "0+|1+").Select(run => run.Length));
            var even = Array.IndexOf(odd, string.Concat(widths.Reverse()));
            var digit = Array.IndexOf(odd, widths);
            if (i < 6) parity += digit >= 0 ? 'o' : 'e';
            else Assert.Equal('1', modules[at]);
            digits += digit >= 0 ? digit : even;
        }

        return Array.IndexOf(parities, parity) + digits;
    }
}
