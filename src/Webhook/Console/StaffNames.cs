using System.Text;
using CoopLine.Webhook.Staff;

namespace CoopLine.Webhook.Console;

/// <summary>What an account may be called.</summary>
internal static class StaffNames
{
    /// <summary>In UTF-8 as long as an authenticator keeps it: 64 bytes.</summary>
    public const int Longest = 20;

    /// <summary>Letters of full width are the same as others: people type both.</summary>
    public static string Typed(string? text) => (text ?? "").Trim().Normalize(NormalizationForm.FormKC);

    /// <returns>The name of the sentence that says what is wrong; null when nothing is.</returns>
    public static string? FaultOf(string name, StaffAccounts keys)
    {
        if (name.Length is 0 or > Longest || !name.All(letter => char.IsLetterOrDigit(letter) || letter is '-' or '_' or '.')) return "NameShape";
        return keys.Find(name) is not null || StaffAuthentication.ObjectionTo(name) is not null ? "NameTaken" : null;
    }
}
