using System.Collections.Immutable;
using CoopLine.Grains;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Staff;
using CoopLine.Webhook.Edge;
using CoopLine.Webhook.Staff;
using Microsoft.AspNetCore.Http;

namespace CoopLine.Webhook.Console;

/// <summary>What is said of an account when it is made or changed.</summary>
internal sealed class AccountForm(StaffAccounts keys, Microsoft.Extensions.Options.IOptions<SiteOptions> site)
{
    public const int DisplayNameMax = 50;

    private const int StoresMax = 200;
    private const string AllStores = "*";

    private static readonly string[] Fields = ["name", "display", "roles", "stores"];

    /// <param name="name">Of an account that is there; null: the form says it.</param>
    public (FormReply Faults, StaffProfile? Profile) Read(IFormCollection form, string? name)
    {
        var faults = new Dictionary<string, string>();
        var named = name ?? StaffNames.Typed(form["name"]);
        if (name is null && StaffNames.FaultOf(named, keys) is { } wrong) faults["name"] = wrong;
        var display = form["display"].ToString().Trim();
        if (!IsDisplayName(display)) faults["display"] = "DisplayShape";
        ImmutableArray<StaffRole> roles = [.. form["roles"].Select(role => EnumNames.TryRead<StaffRole>(role ?? "")).OfType<StaffRole>().Distinct().Order()];
        if (roles is []) faults["roles"] = "RoleMissing";
        ImmutableArray<string>? stores = null;
        if (roles.Any(role => role.IsOfStores()))
        {
            var words = Words.Of(form["stores"]);
            if (words is []) faults["stores"] = "StoreMissing";
            else if (!words.Contains(AllStores))
            {
                if (words.Length > StoresMax || !words.All(store => ReceiptKey.IsPart(store) && site.Value.IsStore(store))) faults["stores"] = "StoreUnknown";
                stores = [.. words.Distinct().Order(StringComparer.Ordinal)];
            }
        }

        return faults.Count > 0
            ? ((FormReply.None with { Faults = faults }).With(form, Fields), null)
            : (FormReply.None, new(named, display, roles, stores));
    }

    public static bool IsDisplayName(string? text) => text?.Trim() is { Length: > 0 and <= DisplayNameMax } name && PlainTextAttribute.IsPlain(name);

    /// <summary>The stores as they are typed.</summary>
    public static string Typed(StaffProfile profile) =>
        !profile.Roles.Any(role => role.IsOfStores()) ? "" : profile.Stores is { } stores ? string.Join(' ', stores) : AllStores;
}
