using CoopLine.Grains.Coupons;
using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CoopLine.Webhook.Pos;

/// <summary>A receipt as part of an address.</summary>
internal readonly record struct ReceiptPath(string BusinessDate, string Store, string Register, string Number)
{
    public const string Route = "/receipts/{businessDate}/{store}/{register}/{number}";

    public static ProblemHttpResult Unknown =>
        Problems.Refuse(404, "receipt-unknown", "No coupon was ever used on this receipt.");

    public static ProblemHttpResult Malformed => Problems.Invalid(
        "receipt", $"Date as yyyy-MM-dd; store, register and number with {ReceiptKey.PartShapeInWords} each.");

    public bool TryRead(out ReceiptKey key) =>
        ReceiptKey.TryParse($"{BusinessDate}/{Store}/{Register}/{Number}", out key);
}
