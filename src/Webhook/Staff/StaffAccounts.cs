using System.Collections.Frozen;
using System.Security.Claims;
using CoopLine.Grains;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Staff;
using CoopLine.Webhook.Edge;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Staff;

/// <summary>A member of staff, by the name that the ledger has. Whatever decides on a call finds it among the caller's claims.</summary>
/// <param name="Stores">Null: all.</param>
internal sealed record StaffAccount(string Name, FrozenSet<StaffRole> Roles, FrozenSet<string>? Stores)
{
    private const string RoleClaim = "coopline-role";
    private const string StoreClaim = "coopline-store";
    private const string NameClaim = "coopline-display-name";
    private const string AllStores = "*";

    /// <summary>As colleagues read it.</summary>
    public string DisplayName { get; init; } = Name;

    public static StaffAccount Of(StaffProfile profile) =>
        new(profile.Name, profile.Roles.ToFrozenSet(), profile.Stores?.ToFrozenSet(StringComparer.Ordinal)) { DisplayName = profile.DisplayName };

    /// <exception cref="InvalidOperationException">The caller is nobody of the staff.</exception>
    public static StaffAccount Of(ClaimsPrincipal caller) =>
        Find(caller) ?? throw new InvalidOperationException("The caller is no member of staff.");

    /// <returns>Null when the caller is nobody of the staff.</returns>
    public static StaffAccount? Find(ClaimsPrincipal caller)
    {
        if (caller.FindFirst(NameClaim) is not { } name) return null;
        var stores = caller.FindAll(StoreClaim).Select(claim => claim.Value).ToFrozenSet(StringComparer.Ordinal);
        return new(
            caller.KeyOwner,
            caller.FindAll(RoleClaim).Select(claim => EnumNames.Read<StaffRole>(claim.Value)).ToFrozenSet(),
            stores.Contains(AllStores) ? null : stores)
        { DisplayName = name.Value };
    }

    /// <param name="scheme">By which the caller is known.</param>
    public ClaimsPrincipal ToCaller(string scheme) => new(new ClaimsIdentity(
        [
            new(ClaimTypes.Name, Name),
            new(ClaimTypes.NameIdentifier, Name),
            new(NameClaim, DisplayName),
            .. Roles.Select(role => new Claim(RoleClaim, EnumNames.Of(role))),
            .. (Stores ?? [AllStores]).Select(store => new Claim(StoreClaim, store)),
        ],
        scheme));

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
        accounts = names.ToFrozenDictionary(name => name, name => Read(name, roles.GetSection(name), stores.GetSection(name), errors), StringComparer.OrdinalIgnoreCase);
        if (errors is not []) throw new OptionsValidationException(staff.Path, typeof(StaffAccounts), errors);

        var all = names.Where(name => !roles.GetSection(name).Exists()).ToArray();
        if (all is not []) LogAllRoles(log, string.Join(", ", all));
    }

    /// <returns>Null: nobody with this name has a key.</returns>
    public StaffAccount? Find(string name) => accounts.GetValueOrDefault(name);

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
