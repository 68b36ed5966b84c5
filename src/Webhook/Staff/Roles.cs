using System.Collections.Frozen;
using CoopLine.Grains.Staff;

namespace CoopLine.Webhook.Staff;

/// <summary>What a call, or a page, needs.</summary>
internal enum Permission
{
    SeeMembers,

    /// <summary>Unlink, and clear locks.</summary>
    HelpMembers,
    EraseMembers,

    /// <summary>Give uses of one's own stores back, up to an amount.</summary>
    Restore,

    /// <summary>Any use, at any store.</summary>
    RestoreAnything,

    /// <summary>Campaigns, messages and what came of them.</summary>
    SeeCampaigns,

    /// <summary>Write, submit, and try them.</summary>
    WriteCampaigns,

    /// <summary>Stop them, and pause.</summary>
    Stop,

    /// <summary>Let them go: publish, send, turn on.</summary>
    Approve,

    /// <summary>The ledger's rows of one's own stores.</summary>
    SeeLedgerOfStores,
    SeeLedger,
    ImportRegistry,

    /// <summary>Past the limits that keep a wrong file out.</summary>
    ForceImport,

    /// <summary>The operators' pages.</summary>
    SeeOperations,

    /// <summary>Invite and remove members of staff, say what each may do, end their sessions.</summary>
    ManageStaff,
}

/// <summary>Who may do what: the whole table.</summary>
internal static class Roles
{
    public static FrozenSet<StaffRole> All { get; } = Enum.GetValues<StaffRole>().ToFrozenSet();

    private static readonly FrozenDictionary<StaffRole, FrozenSet<Permission>> Table =
        new Dictionary<StaffRole, FrozenSet<Permission>>
        {
            [StaffRole.Clerk] = [Permission.SeeMembers, Permission.HelpMembers],
            [StaffRole.StoreManager] =
            [
                Permission.SeeMembers, Permission.HelpMembers, Permission.EraseMembers, Permission.Restore, Permission.SeeCampaigns,
                Permission.SeeLedgerOfStores,
            ],
            [StaffRole.Marketing] = [Permission.SeeCampaigns, Permission.WriteCampaigns, Permission.Stop],
            [StaffRole.Approver] =
            [
                Permission.SeeCampaigns, Permission.Approve, Permission.Stop, Permission.Restore, Permission.RestoreAnything, Permission.ForceImport,
            ],
            [StaffRole.Auditor] =
            [
                Permission.SeeMembers, Permission.SeeCampaigns, Permission.SeeLedgerOfStores, Permission.SeeLedger, Permission.SeeOperations,
            ],
            [StaffRole.Operator] = [Permission.SeeOperations, Permission.ImportRegistry, Permission.ManageStaff],
        }.ToFrozenDictionary();

    public static bool May(this StaffRole role, Permission permission) => Table[role].Contains(permission);

    /// <summary>Whose work is among some stores only, for what they do in these roles.</summary>
    public static bool IsOfStores(this StaffRole role) => role is StaffRole.Clerk or StaffRole.StoreManager;
}
