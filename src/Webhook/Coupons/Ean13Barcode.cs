using System.Text;

namespace CoopLine.Webhook.Coupons;

/// <summary>Thirteen digits as the bars of EAN-13 (GS1 General Specifications 5.2), drawn as SVG.</summary>
internal static class Ean13Barcode
{
    /// <summary>Light modules that a scanner needs on either side.</summary>
    public const int QuietLeft = 11, QuietRight = 7;

    private const int HeightModules = 55;
    private const int GuardModules = 5; // the guard bars are longer by these

    /// <summary>Number set A: the bits of a digit in the left half, odd parity. Set C inverts it, set B mirrors C.</summary>
    private static readonly string[] SetA =
        ["0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011"];

    /// <summary>The first digit is not drawn: it chooses the sets of the next six.</summary>
    private static readonly string[] Sets =
        ["AAAAAA", "AABABB", "AABBAB", "AABBBA", "ABAABB", "ABBAAB", "ABBBAA", "ABABAB", "ABABBA", "ABBABA"];

    /// <returns>95 modules, <c>1</c> dark and <c>0</c> light, without the quiet zones.</returns>
    public static string Modules(string code)
    {
        var sets = Sets[code[0] - '0'];
        var modules = new StringBuilder("101", 95);
        for (var i = 1; i <= 6; i++) modules.Append(sets[i - 1] == 'A' ? A(code[i]) : B(code[i]));
        modules.Append("01010");
        for (var i = 7; i <= 12; i++) modules.Append(C(code[i]));
        return modules.Append("101").ToString();
    }

    /// <returns>One unit of the drawing is one module, so that bars are crisp at any whole number of pixels a module.</returns>
    public static string Svg(string code)
    {
        var modules = Modules(code);
        var drawing = new SvgModules(QuietLeft + modules.Length + QuietRight, HeightModules);
        for (var i = 0; i < modules.Length; i++)
        {
            if (modules[i] == '0') continue;
            var guard = i is < 3 or > 91 or (> 44 and < 50);
            drawing.Dark(QuietLeft + i, 0, 1, guard ? HeightModules : HeightModules - GuardModules);
        }

        return drawing.ToString();
    }

    private static string A(char digit) => SetA[digit - '0'];

    private static string B(char digit) => string.Concat(C(digit).Reverse());

    private static string C(char digit) => string.Concat(A(digit).Select(bit => bit == '0' ? '1' : '0'));
}
