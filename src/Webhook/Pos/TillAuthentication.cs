using System.Security.Claims;
using CoopLine.Grains.Coupons;
using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CoopLine.Webhook.Pos;

/// <summary>Each till key belongs to one store: <c>CoopLine:Pos:Keys</c> = store → keys.</summary>
internal static class TillAuthentication
{
    public const string Policy = "till";

    public static string? ObjectionTo(string store) =>
        ReceiptKey.IsPart(store) ? null : $"a store has {ReceiptKey.PartShapeInWords}.";

    /// <returns>The refusal when the receipt is another store's; else null.</returns>
    public static ProblemHttpResult? RefusalOf(ClaimsPrincipal till, string store) =>
        till.KeyOwner == store
            ? null
            : Problems.Refuse(403, "another-store", "This key belongs to another store than the receipt.");
}
