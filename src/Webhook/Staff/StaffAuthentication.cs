using CoopLine.Grains.Ledger;
using CoopLine.Webhook.Edge;

namespace CoopLine.Webhook.Staff;

/// <summary>
/// Each member of staff has a key of their own, so that the ledger knows who acted: <c>CoopLine:Staff:ApiKeys</c> =
/// name → key.
/// </summary>
internal static class StaffAuthentication
{
    public const string Policy = "staff";

    public const int ShortestKey = 16;

    public static string? ObjectionTo(string name) =>
        !PlainTextAttribute.IsPlain(name) ? "a name holds no control characters."
        : Actors.IsTaken(name) ? "the ledger uses this name for somebody else." : null;
}
