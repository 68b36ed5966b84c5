using QRCoder;

namespace CoopLine.Webhook.Coupons;

/// <summary>The same digits as a QR code, for tills whose scanner reads two dimensions.</summary>
internal static class QrCode
{
    /// <returns>One unit of the drawing is one module; four light ones on every side.</returns>
    public static string Svg(string code)
    {
        using var data = QRCodeGenerator.GenerateQrCode(code, QRCodeGenerator.ECCLevel.M);
        var rows = data.ModuleMatrix; // with its quiet zone
        var drawing = new SvgModules(rows.Count, rows.Count);
        for (var y = 0; y < rows.Count; y++)
        {
            for (var x = 0; x < rows.Count; x++)
            {
                var run = 0;
                while (x + run < rows.Count && rows[y][x + run]) run++;
                if (run > 0) drawing.Dark(x, y, run, 1);
                x += run;
            }
        }

        return drawing.ToString();
    }
}
