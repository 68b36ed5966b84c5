namespace CoopLine.Grains.Ledger;

/// <summary>Who may stand in <see cref="LedgerRow.Actor"/> beside the staff, who stand there by the names of their accounts or keys.</summary>
public static class Actors
{
    public const string Friend = "friend";
    public const string Till = "till";
    public const string Registry = "registry";

    /// <summary>The service itself.</summary>
    public const string Service = "coopline";

    private static readonly string[] All = [Friend, Till, Registry, Service];

    /// <summary>No member of staff can be called so.</summary>
    public static bool IsTaken(string name) => All.Contains(name, StringComparer.OrdinalIgnoreCase);
}
