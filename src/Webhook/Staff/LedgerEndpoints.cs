using System.Collections.Immutable;
using System.Security.Claims;
using System.Text.Json.Serialization;
using CoopLine.Grains;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Registry;
using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace CoopLine.Webhook.Staff;

/// <param name="Next">Pass as <c>before</c> for the next page; null at the end.</param>
public sealed record LedgerResponse(ImmutableArray<LedgerRowResponse> Rows, long? Next);

/// <summary>One fact. What does not apply is left out.</summary>
/// <param name="Account">The LINE account, shortened.</param>
/// <param name="Yen">Whole yen given as discount.</param>
/// <param name="Amends">Id of the use that this row takes back.</param>
/// <param name="GivenBack">Whether the coupon can be used again because of this row.</param>
/// <param name="Actor">Who did it: <c>friend</c>, <c>till</c>, <c>registry</c>, or the name of the staff key.</param>
public sealed record LedgerRowResponse(
    string Id,
    LedgerKind Kind,
    DateTimeOffset At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Campaign,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Version,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Member,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Account,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Store,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Receipt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Line,
    int Yen,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Amends,
    bool GivenBack,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Actor,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? IdentityCheck,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? TraceId);

internal static class LedgerEndpoints
{
    extension(IEndpointRouteBuilder staff)
    {
        public void MapLedger() => staff.MapGet("/ledger", Find)
            .Needs(Permission.SeeLedgerOfStores)
            .WithSummary("Who did what when, newest first, a page at a time.")
            .WithDescription("`receipt` is date/store/register/number; `from` (inclusive) and `until` (exclusive) are "
                + $"times with offset; store managers name one of their stores; `limit` is 1 to {LedgerQuery.LimitMax}, default 50.");
    }

    private static async Task<Results<Ok<LedgerResponse>, ProblemHttpResult>> Find(
        ILedger ledger,
        CoopTime time,
        ClaimsPrincipal staff,
        CancellationToken cancellation,
        string? kind = null,
        string? member = null,
        string? campaign = null,
        string? store = null,
        string? receipt = null,
        string? traceId = null,
        string? from = null,
        string? until = null,
        long? before = null,
        int limit = 50)
    {
        var errors = new Dictionary<string, string[]>();
        var query = new LedgerQuery(
            Kind: ReadKind(kind, errors),
            Member: ReadMember(member, errors),
            Campaign: campaign,
            Store: store,
            Receipt: receipt,
            TraceId: traceId,
            From: ReadTime("from", from, errors),
            Until: ReadTime("until", until, errors),
            Before: before,
            Limit: limit);
        foreach (var (name, text) in new[] { ("campaign", campaign), ("store", store), ("traceId", traceId) })
            if (text is not null && !PlainTextAttribute.IsPlain(text)) errors[name] = [$"{name} holds control characters."];
        if (receipt is not null && !ReceiptKey.TryParse(receipt, out _))
            errors["receipt"] = ["A receipt is date/store/register/number."];
        if (limit is < 1 or > LedgerQuery.LimitMax) errors["limit"] = [$"limit is 1 to {LedgerQuery.LimitMax}."];
        if (errors.Count > 0) return Problems.Invalid(errors);

        var account = StaffAccount.Of(staff);
        if (!account.May(Permission.SeeLedger) && (store is null || !account.May(Permission.SeeLedgerOfStores, store))) return Permissions.OtherStore;

        var page = await ledger.Find(query, cancellation);
        return TypedResults.Ok(new LedgerResponse([.. page.Rows.Select(row => Of(row, time))], page.Next));
    }

    private static string? ReadMember(string? text, Dictionary<string, string[]> errors)
    {
        if (text is null) return null;
        if (MemberNumber.Read(text) is { } number) return number;
        errors["member"] = [MemberEndpoints.MalformedNumber];
        return null;
    }

    private static LedgerKind? ReadKind(string? text, Dictionary<string, string[]> errors)
    {
        if (text is null) return null;

        foreach (var kind in Enum.GetValues<LedgerKind>())
            if (kind.ToString().Equals(text, StringComparison.OrdinalIgnoreCase))
                return kind;
        errors["kind"] = ["There is no such kind of row."];
        return null;
    }

    private static DateTimeOffset? ReadTime(string name, string? text, Dictionary<string, string[]> errors)
    {
        if (text is null) return null;

        // In an address, the plus sign of an offset arrives as a space unless it was escaped.
        if (InstantAttribute.TryParse(text.Replace(' ', '+'), out var at)) return at;
        errors[name] = ["A time with its offset, such as 2026-11-22T10:15:00+09:00."];
        return null;
    }

    private static LedgerRowResponse Of(LedgerRow row, CoopTime time) => new(
        LineAccountText.Shorten(row.Id),
        row.Kind,
        time.Local(row.At),
        row.Campaign,
        row.Version,
        row.Member,
        row.Account is { } account ? LineAccountText.Shorten(account) : null,
        row.Store,
        row.Receipt,
        row.Line,
        row.Yen,
        row.Amends,
        row.GivenBack,
        row.Actor,
        row.Reason,
        row.IdentityCheck,
        row.TraceId);
}
