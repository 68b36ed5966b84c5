using System.Text;
using OtpNet;

namespace CoopLine.Webhook.Console;

/// <summary>The codes of an app, RFC 6238: six digits, a new one every 30 seconds.</summary>
internal static class Totp
{
    private const int StepSeconds = 30;

    /// <returns>Base32, as apps take it by hand.</returns>
    public static string NewKey() => Base32Encoding.ToString(KeyGeneration.GenerateRandomKey());

    /// <summary>What the app reads from the QR code.</summary>
    public static string Address(string key, string issuer, string name) => new OtpUri(OtpType.Totp, key, name, issuer).ToString();

    /// <returns>The step that the code is of: the one of this moment, or of one before or after it, for clocks differ. Null: of none.</returns>
    public static long? StepOf(string code, string key, DateTimeOffset now)
    {
        var typed = code.Normalize(NormalizationForm.FormKC).Replace(" ", "", StringComparison.Ordinal);
        return Of(key).VerifyTotp(now.UtcDateTime, typed, out var step, new VerificationWindow(previous: 1, future: 1)) ? step : null;
    }

    public static string Code(string key, DateTimeOffset at) => Of(key).ComputeTotp(at.UtcDateTime);

    private static OtpNet.Totp Of(string key) => new(Base32Encoding.ToBytes(key), StepSeconds);
}
