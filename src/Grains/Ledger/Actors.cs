namespace CoopLine.Grains.Ledger;

/// <summary>Who may stand in <see cref="LedgerRow.Actor"/> beside the staff, who stand there by the names of their keys.</summary>
public static class Actors
{
    public const string Friend = "friend";
    public const string Till = "till";
    public const string Registry = "registry";

    /// <summary>No member of staff can be called so.</summary>
    public static bool IsTaken(string name) =>
        name.Equals(Friend, StringComparison.OrdinalIgnoreCase)
        || name.Equals(Till, StringComparison.OrdinalIgnoreCase)
        || name.Equals(Registry, StringComparison.OrdinalIgnoreCase);
}
