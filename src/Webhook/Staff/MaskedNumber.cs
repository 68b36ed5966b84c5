using System.Diagnostics.CodeAnalysis;

namespace CoopLine.Webhook.Staff;

/// <summary>A member number where others look on, or for who may not see members: enough to tell two apart.</summary>
internal static class MaskedNumber
{
    private const int DigitsMost = 3;

    [return: NotNullIfNotNull(nameof(number))]
    public static string? Of(string? number) => number is null ? null : "***" + number[^Math.Min(DigitsMost, number.Length / 2)..];
}
