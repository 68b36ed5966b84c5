using CoopLine.Grains.Staff;
using CoopLine.Webhook.Pages;

namespace CoopLine.Webhook.Console;

/// <summary>What the pages of staff say.</summary>
internal sealed class ConsoleTexts
{
    public static readonly Texts All = new(typeof(ConsoleTexts));

    public static string Roles(IEnumerable<StaffRole> roles) => string.Join(All["Comma"], roles.Order().Select(role => All["Role" + role]));
}
