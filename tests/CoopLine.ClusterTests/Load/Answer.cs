using System.Net;
using System.Text.Json;

namespace CoopLine.ClusterTests.Load;

/// <summary>What a caller learns of one try.</summary>
/// <param name="Status">Null: no answer.</param>
/// <param name="NotSent">Nobody listened, so that nothing can have happened.</param>
/// <param name="Trace">The trace id that the caller gave the try; rows of the ledger carry it.</param>
internal sealed record Answer(HttpStatusCode? Status, JsonElement Body, bool NotSent, long Invoked, long Returned, string Trace)
{
    public bool Ok => Status == HttpStatusCode.OK;

    /// <summary>It may have happened, or may still: too late, cut off, or the program does not know itself.</summary>
    public bool IsUnknown => !NotSent && (Status is null || (int)Status >= 500);

    /// <summary>Neither yes nor no: try again.</summary>
    public bool IsNoAnswer => NotSent || IsUnknown || Status == HttpStatusCode.TooManyRequests || Type == "urn:coopline:registry-import:already-running";

    /// <summary>The receipt has been decided for other contents.</summary>
    public bool IsAnotherRequest => Type == "urn:coopline:another-request";

    /// <summary>The receipt is open, and was bought too long ago.</summary>
    public bool IsTooLate => Status == HttpStatusCode.BadRequest && Text("serverTime") is not null;

    public string? Type => Text("type");

    public string? Outcome => Text("outcome");

    /// <summary>A redemption that gives yen.</summary>
    public bool IsPromise => Ok && Outcome is "redeemed" or "partial";

    /// <summary>A redemption of one coupon, which its campaign has no more of.</summary>
    public bool IsSoldOut => Ok && Outcome is "refused" && Body.GetProperty("refusals")[0].GetProperty("reason").GetString() is "soldOut";

    /// <summary>The receipt is void.</summary>
    public bool IsVoid => Ok && Outcome is "voided";

    public bool Replayed => Body.GetProperty("replayed").GetBoolean();

    public string? Text(string name) =>
        Body.ValueKind == JsonValueKind.Object && Body.TryGetProperty(name, out var value) ? value.GetString() : null;

    public override string ToString() => $"{(Status is { } status ? ((int)status).ToString(System.Globalization.CultureInfo.InvariantCulture) : NotSent ? "not sent" : "no answer")} {Body}";
}
