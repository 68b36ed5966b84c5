using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using CoopLine.Grains;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Members;
using CoopLine.Grains.Redemptions;
using CoopLine.Grains.Registry;
using CoopLine.Webhook.Edge;
using CoopLine.Webhook.Pos;

namespace CoopLine.Webhook.Ops;

/// <summary>
/// What happened to one receipt (or to all of a register), member number, campaign or trace. From the ledger, which has
/// everything that counted, and from the answers that are kept in memory, which have the refusals.
/// </summary>
internal sealed partial class Search(
    ILedger ledger, RecentAnswers recent, IGrainFactory grains, TillResponses told, CoopTime time, TimeProvider clock)
{
    private const int Most = 100;

    /// <summary>From each silo; more would not fit into one message.</summary>
    private const int AnswersMost = 2_000;

    private static readonly TimeSpan Around = TimeSpan.FromMinutes(2);

    /// <param name="typed">
    /// <c>date/store/register/number</c> or its beginning; <c>store/register</c> for today; with a time such as <c>10:15</c>
    /// behind it, what was two minutes around; a member number; a campaign id.
    /// </param>
    public async Task<Found> Find(string typed)
    {
        if (!PlainTextAttribute.IsPlain(typed)) return new(FoundKind.Campaign, []);
        var (what, at) = WithTime(typed);
        if (Receipts(what) is { } receipts) return new(FoundKind.Receipt, await OfReceipts(receipts, at));
        if (MemberNumber.Read(what) is { } number) return await OfMember(number);
        return new(FoundKind.Campaign, Describe((await ledger.Find(new(Campaign: what, Limit: Most))).Rows));
    }

    public async Task<ImmutableArray<Happening>> OfTrace(string traceId)
    {
        var rows = Describe((await ledger.Find(new(TraceId: traceId, Limit: Most))).Rows);
        var answers = (await recent.Find(new(traceId, null, Most))).Select(Describe);
        return InOrder([.. rows, .. answers.Where(answer => answer.Refused)]);
    }

    /// <summary>A number as staff see it on a page that others may see too.</summary>
    public static string Mask(string number) => number.Length <= 3 ? "***" : "***" + number[^3..];

    private async Task<ImmutableArray<Happening>> OfReceipts(string receipts, TimeOnly? at)
    {
        var rows = ReceiptKey.TryParse(receipts, out _) ? Describe(await ledger.OfReceipt(receipts)) : await OfRegister(receipts, at);
        // Decisions are in the ledger. Repeated answers and refusals are only here.
        var answers = (await recent.Find(new(null, receipts, AnswersMost))).Select(Describe)
            .Where(answer => at is not { } moment || Distance(TimeOnly.FromDateTime(answer.At.DateTime), moment) <= Around)
            .Take(Most);
        return InOrder([.. rows, .. answers]);
    }

    /// <summary>The newest rows of receipts, on the day that the search names and in the night behind it.</summary>
    private async Task<ImmutableArray<Happening>> OfRegister(string receipts, TimeOnly? at)
    {
        var parts = receipts.Split('/');
        var store = parts is [_, { Length: > 0 } named, ..] ? named : null;
        if (!ReceiptKey.TryParseDate(parts[0], out var date)) return [];
        if (date.Year is < 2000 or > 2999) return []; // not every moment outside of them exists in every zone
        var midnight = time.Start(date);
        var (from, until) = at is { } moment
            ? (midnight + moment.ToTimeSpan() - Around, midnight + moment.ToTimeSpan() + Around)
            : (midnight, midnight.AddHours(30));
        var rows = await ledger.Find(new(Store: store, From: from, Until: until, Limit: LedgerQuery.LimitMax));
        return Describe([.. rows.Rows.Where(row => row.Receipt?.StartsWith(receipts, StringComparison.Ordinal) == true)]);
    }

    private async Task<Found> OfMember(string number)
    {
        var rows = Describe((await ledger.Find(new(Member: number, Limit: Most))).Rows);
        var report = await OnConflict.Repeat(grains.Member(number).Report);
        return new(FoundKind.Member, rows, report is { Known: false, Link: null, History: [] } ? null : report, Mask(number));
    }

    private ImmutableArray<Happening> Describe(ImmutableArray<LedgerRow> rows) => InOrder([.. rows.Select(Describe)]);

    private Happening Describe(LedgerRow row) => new(
        time.Local(row.At), row.TraceId, Refused: false,
        row is { Kind: LedgerKind.Voided or LedgerKind.Returned, GivenBack: false } ? $"{row.Kind}Kept" : $"{row.Kind}",
        row.Campaign, row.Receipt, row.Member is { } member ? Mask(member) : null, row.Yen, row.Actor, [], false);

    private Happening Describe(TillAnswer answer) => new(
        time.Local(answer.At), answer.TraceId, answer.Outcome is not ("Redeemed" or "Partial" or "Voided" or "Returned" or "Restored"), "Answer" + answer.Outcome, null,
        answer.Receipt, null, 0, Actors.Till, [.. answer.Refusals.Select(one => (one.Campaign, told.Sentence(one)))], answer.Replayed);

    private static ImmutableArray<Happening> InOrder(ImmutableArray<Happening> all) => [.. all.OrderBy(one => one.At)];

    private static TimeSpan Distance(TimeOnly one, TimeOnly other) =>
        (one - other) is var forth && forth > TimeSpan.FromHours(12) ? TimeSpan.FromHours(24) - forth : forth;

    private static (string What, TimeOnly? At) WithTime(string typed) =>
        typed.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [.. var words, var last]
            && words is not []
            && TimeOnly.TryParseExact(last, ["H:mm", "HH:mm", "HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var at)
            ? (string.Join(' ', words), at)
            : (typed, null);

    /// <returns>The beginning of receipt keys; null when it is none.</returns>
    private string? Receipts(string what)
    {
        if (WithDate().IsMatch(what)) return what;
        if (!StoreAndRegister().IsMatch(what)) return null;
        return $"{ReceiptKey.WriteDate(time.DayOf(clock.GetUtcNow()))}/{what.Trim('/')}/";
    }

    [GeneratedRegex("^[0-9]{4}-[0-9]{2}-[0-9]{2}(/(" + ReceiptKey.PartShape + @")?){0,3}\z")]
    private static partial Regex WithDate();

    [GeneratedRegex("^" + ReceiptKey.PartShape + "/" + ReceiptKey.PartShape + @"/?\z")]
    private static partial Regex StoreAndRegister();
}

public enum FoundKind
{
    Receipt,
    Member,
    Campaign,
}

/// <param name="Story">Oldest first.</param>
/// <param name="Member">For a member number that somebody knows.</param>
/// <param name="Masked">The member number, masked.</param>
public sealed record Found(FoundKind Kind, ImmutableArray<Happening> Story, MemberReport? Member = null, string? Masked = null);

/// <summary>One line of a story.</summary>
/// <param name="At">In the co-op's zone.</param>
/// <param name="Text">Name of the sentence.</param>
/// <param name="Member">Masked.</param>
/// <param name="Said">What the cashier was given to read, of each coupon that was refused.</param>
public sealed record Happening(
    DateTimeOffset At, string? TraceId, bool Refused, string Text, string? Campaign, string? Receipt, string? Member, int Yen,
    string? Actor, ImmutableArray<(string? Campaign, string Sentence)> Said, bool Replayed);
