using System.Collections.Frozen;
using CoopLine.Grains;
using CoopLine.Grains.Coupons;
using CoopLine.Webhook.Edge;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Staff;

/// <summary>A member of staff, by the name that the ledger has.</summary>
/// <param name="Stores">Null: all.</param>
internal sealed record StaffAccount(string Name, FrozenSet<StaffRole> Roles, FrozenSet<string>? Stores)
{
    public bool May(Permission permission) => Roles.Any(role => role.May(permission));

    /// <summary>Whether one may do it for this store.</summary>
    public bool May(Permission permission, string store) =>
        Roles.Any(role => role.May(permission) && (!role.IsOfStores() || Stores is null || Stores.Contains(store)));
}

/// <summary>
/// The roles and stores of everybody who has a key: <c>CoopLine:Staff:Roles</c> and <c>CoopLine:Staff:Stores</c> = name → words, separated by
/// spaces or commas. Who has no entry has all roles, as before there were any.
/// </summary>
internal sealed partial class StaffAccounts
{
    private const string AllStores = "*";

    private readonly FrozenDictionary<string, StaffAccount> accounts;

    /// <exception cref="OptionsValidationException">A role or a store cannot be one, or somebody is named who has no key.</exception>
    public StaffAccounts(IConfiguration configuration, ILogger<StaffAccounts> log)
    {
        var staff = configuration.GetSection("CoopLine:Staff");
        var (roles, stores, errors) = (staff.GetSection("Roles"), staff.GetSection("Stores"), new List<string>());
        var names = staff.GetSection("ApiKeys").GetChildren().Select(owner => owner.Key).ToArray();
        foreach (var entry in roles.GetChildren().Concat(stores.GetChildren()))
            if (!names.Contains(entry.Key, StringComparer.OrdinalIgnoreCase)) errors.Add($"{entry.Path}: nobody with this name has a key.");
        accounts = names.ToFrozenDictionary(name => name, name => Read(name, roles.GetSection(name), stores.GetSection(name), errors), StringComparer.Ordinal);
        if (errors is not []) throw new OptionsValidationException(staff.Path, typeof(StaffAccounts), errors);

        var all = names.Where(name => !roles.GetSection(name).Exists()).ToArray();
        if (all is not []) LogAllRoles(log, string.Join(", ", all));
    }

    /// <exception cref="KeyNotFoundException">Nobody has this name.</exception>
    public StaffAccount Of(string name) => accounts[name];

    private static StaffAccount Read(string name, IConfigurationSection roles, IConfigurationSection stores, List<string> errors)
    {
        var wrong = Words.Of(roles.Value).Where(word => EnumNames.TryRead<StaffRole>(word) is null).ToArray();
        if (wrong is not []) errors.Add($"{roles.Path}: there is no role {string.Join(", ", wrong)}, but {string.Join(", ", EnumNames.All<StaffRole>())}.");
        FrozenSet<StaffRole> own = roles.Exists()
            ? Words.Of(roles.Value).Select(EnumNames.TryRead<StaffRole>).OfType<StaffRole>().ToFrozenSet()
            : Roles.All;
        if (own.Count == 0 && wrong is []) errors.Add($"{roles.Path} names no role.");
        if (Words.Of(stores.Value).Any(store => store != AllStores && !ReceiptKey.IsPart(store))) errors.Add($"{stores.Path}: a store has {ReceiptKey.PartShapeInWords}.");
        if (roles.Exists() && own.Any(role => role.IsOfStores()) && !stores.Exists())
            errors.Add($"{stores.Path} is missing: the stores of a clerk or store manager, or {AllStores} for all.");
        return new(name, own, !stores.Exists() || Words.Of(stores.Value).Contains(AllStores) ? null : Words.Of(stores.Value).ToFrozenSet(StringComparer.Ordinal));
    }

    [LoggerMessage(LogLevel.Warning, "These staff keys have no roles in CoopLine:Staff:Roles and may do everything: {Names}")]
    private static partial void LogAllRoles(ILogger log, string names);
}
