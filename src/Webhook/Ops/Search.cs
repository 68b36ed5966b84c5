using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using CoopLine.Grains;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Members;
using CoopLine.Grains.Redemptions;
using CoopLine.Grains.Registry;
using CoopLine.Grains.Storage;
using CoopLine.Grains.Tracing;
using CoopLine.Webhook.Edge;
using CoopLine.Webhook.Pos;
using CoopLine.Webhook.Staff;

namespace CoopLine.Webhook.Ops;

/// <summary>
/// What happened to one receipt (or to all of a register), member number, code, campaign or trace. From the ledger, which has
/// everything that counted, and from the answers that are kept in memory, which have the refusals.
/// </summary>
internal sealed partial class Search(
    ILedger ledger, RecentAnswers recent, RecentSpans spans, IStateReader states, IGrainFactory grains, CampaignCache campaigns,
    TillResponses told, CoopTime time, TimeProvider clock)
{
    /// <summary>Lines on one page.</summary>
    public const int PageLines = 50;

    /// <summary>From each silo; more would not fit into one message.</summary>
    private const int AnswersMost = 2_000;

    private const int TracesMost = 20;

    /// <summary>Of the whole store, looked through for one of its registers.</summary>
    private const int LedgerPagesMost = 50;

    private static readonly TimeSpan Around = TimeSpan.FromMinutes(2);

    /// <summary>How far back the ledger is looked through for what it has no index for: the number of a receipt, the beginning of a trace id.</summary>
    private static readonly TimeSpan LookBack = TimeSpan.FromDays(8);

    /// <summary>
    /// A receipt <c>date/store/register/number</c> or its beginning; <c>store/register</c> for today; with a time such as
    /// <c>10:15</c> behind it, what was two minutes around. A number may be a receipt's, a member's or a code's, and eight
    /// hexadecimal digits begin a trace id: whatever there is of each is found. Else it is a campaign's id or a part of its title.
    /// </summary>
    public async Task<Found> Find(Asked asked)
    {
        var typed = asked.Text;
        if (!PlainTextAttribute.IsPlain(typed)) return Found.Nothing;
        var titles = (await campaigns.Current()).ToDictionary(one => one.Key, one => one.Value.Definition.Title, StringComparer.Ordinal);
        var (what, at) = WithTime(typed);
        if (Receipts(what) is { } receipts) return Page(await OfReceipts(receipts, at, asked, titles), asked);

        var traces = TraceBeginning().Match(what) is { Success: true } shortened
            ? await Traces(shortened.Groups["id"].Value.ToLowerInvariant())
            : [];
        if (MemberNumber.Read(what) is { } number)
        {
            var (report, lockedUntil, ofMember) = await OfMember(number, asked, titles);
            var code = await OfCode(number, titles);
            var ofReceipt = await OfReceiptNumber(number, asked, titles);
            return Page([.. ofMember, .. code, .. ofReceipt], asked) with
            {
                Traces = traces,
                Member = report,
                AccountLockedUntil = lockedUntil,
                Masked = report is not null || (traces is [] && code is [] && ofReceipt is []) ? MaskedNumber.Of(number) : null,
            };
        }

        if (traces is not []) return Found.Nothing with { Traces = traces };
        var named = titles.ContainsKey(what)
            ? what
            : titles.Where(one => one.Value.Contains(what, StringComparison.OrdinalIgnoreCase)).Select(one => one.Key).Order(StringComparer.Ordinal)
                .FirstOrDefault(what);
        return Page(Describe(await Rows(new(Campaign: named), asked), titles), asked);
    }

    /// <summary>Newest first.</summary>
    public async Task<ImmutableArray<Happening>> OfTrace(string traceId)
    {
        var titles = (await campaigns.Current()).ToDictionary(one => one.Key, one => one.Value.Definition.Title, StringComparer.Ordinal);
        var rows = Describe((await ledger.Find(new(TraceId: traceId, Limit: LedgerQuery.LimitMax))).Rows, titles);
        var answers = (await recent.Find(new(traceId, null, PageLines))).Select(answer => Describe(answer, titles));
        return InOrder([.. rows, .. answers.Where(answer => answer.Refused || answer.Said is not [])]);
    }

    private async Task<ImmutableArray<Happening>> OfReceipts(
        string receipts, TimeOnly? at, Asked asked, Dictionary<string, string> titles)
    {
        var rows = ReceiptKey.TryParse(receipts, out _)
            ? Describe(await ledger.OfReceipt(receipts), titles)
            : await OfRegister(receipts, at, asked, titles);
        // Decisions are in the ledger. Repeated answers and refusals are only here.
        var answers = (await recent.Find(new(null, receipts, AnswersMost))).Select(answer => Describe(answer, titles))
            .Where(answer => at is not { } moment || Distance(TimeOnly.FromDateTime(answer.At.DateTime), moment) <= Around);
        return [.. rows, .. answers];
    }

    /// <summary>Rows of receipts, on the day that the search names and in the night behind it.</summary>
    private async Task<ImmutableArray<Happening>> OfRegister(
        string receipts, TimeOnly? at, Asked asked, Dictionary<string, string> titles)
    {
        var parts = receipts.Split('/');
        var store = parts is [_, { Length: > 0 } named, ..] ? named : null;
        if (!ReceiptKey.TryParseDate(parts[0], out var date)) return [];
        if (date.Year is < 2000 or > 2999) return []; // not every moment outside of them exists in every zone
        var midnight = time.Start(date);
        var (from, until) = at is { } moment
            ? (midnight + moment.ToTimeSpan() - Around, midnight + moment.ToTimeSpan() + Around)
            : (midnight, midnight.AddHours(30));
        var rows = await Rows(new(Store: store, From: from, Until: until < asked.Until ? until : asked.Until ?? until), asked, receipts);
        return Describe(rows, titles);
    }

    private async Task<ImmutableArray<Happening>> OfReceiptNumber(string number, Asked asked, Dictionary<string, string> titles)
    {
        var rows = await Rows(new(ReceiptNumber: number, From: clock.GetUtcNow() - LookBack), asked);
        var answers = await recent.Find(new(null, null, AnswersMost, number));
        return [.. Describe(rows, titles), .. answers.Select(answer => Describe(answer, titles))];
    }

    private async Task<(MemberReport? Report, DateTimeOffset? LockedUntil, ImmutableArray<Happening> Story)> OfMember(
        string number, Asked asked, Dictionary<string, string> titles)
    {
        var rows = Describe(await Rows(new(Member: number), asked), titles);
        var report = await OnConflict.Repeat(grains.Member(number).Report);
        if (report.IsBlank) return (null, null, rows);

        var accounts = report.Mismatches.Select(one => one.Account).Append(report.Link?.Account).OfType<string>().Distinct();
        var standings = await Task.WhenAll(accounts.Select(account => grains.Account(account).Standing()));
        return (report, standings.Max(one => one.LockedUntil), [.. rows, .. report.Mismatches.Select(one => Describe(one, number))]);
    }

    /// <summary>That the code was shown, and what its member used while it was good.</summary>
    private async Task<ImmutableArray<Happening>> OfCode(string digits, Dictionary<string, string> titles)
    {
        if (!Ean13.IsValid(digits)) return [];
        if ((await states.CouponCode(digits))?.Grant is not { } grant) return [];

        var shown = grant.ExpiresAt - CouponCodeState.Life;
        var rows = await ledger.Find(new(Member: grant.Member, From: shown, Limit: LedgerQuery.LimitMax));
        var receipts = rows.Rows
            .Where(row => row.Kind == LedgerKind.Used && row.At <= grant.ExpiresAt && grant.Campaigns.Contains(row.Campaign!))
            .Select(row => row.Receipt).ToHashSet();
        return
        [
            new(
                time.Local(shown), null, Refused: false, "CodeShown",
                string.Join(", ", grant.Campaigns.Select(id => titles.GetValueOrDefault(id, id))),
                null, MaskedNumber.Of(grant.Member), 0, null, [], false),
            .. Describe([.. rows.Rows.Where(row => receipts.Contains(row.Receipt))], titles),
        ];
    }

    /// <returns>The trace ids that begin so, as far as something is known of them.</returns>
    private async Task<ImmutableArray<string>> Traces(string beginning)
    {
        var rows = await ledger.Find(new(TraceBeginning: beginning, From: clock.GetUtcNow() - LookBack, Limit: LedgerQuery.LimitMax));
        var answers = await recent.Find(new(beginning, null, PageLines));
        var drawn = await spans.OfTrace(beginning);
        return
        [
            .. rows.Rows.Select(row => row.TraceId).Concat(answers.Select(one => one.TraceId)).Concat(drawn.Select(one => one.TraceId))
                .OfType<string>().Distinct().Take(TracesMost),
        ];
    }

    /// <summary>Newest first, a page of them or a few more. Nothing in the ledger was refused.</summary>
    private async Task<ImmutableArray<LedgerRow>> Rows(LedgerQuery query, Asked asked, string? receipts = null)
    {
        if (asked.RefusedOnly) return [];
        var found = new List<LedgerRow>();
        long? before = null;
        for (var read = 0; read < LedgerPagesMost && found.Count <= PageLines; read++)
        {
            var page = await ledger.Find(
                query with { Until = query.Until ?? asked.Until, Before = before, Limit = LedgerQuery.LimitMax });
            found.AddRange(page.Rows.Where(row => receipts is null || row.Receipt?.StartsWith(receipts, StringComparison.Ordinal) == true));
            before = page.Next;
            if (before is null) break;
        }

        return [.. found];
    }

    private ImmutableArray<Happening> Describe(ImmutableArray<LedgerRow> rows, Dictionary<string, string> titles) =>
        [.. rows.Select(row => Describe(row, titles))];

    private Happening Describe(LedgerRow row, Dictionary<string, string> titles) => new(
        time.Local(row.At), row.TraceId, Refused: false,
        row switch
        {
            { Kind: LedgerKind.Voided, Campaign: null } => "VoidedFirst",
            { Kind: LedgerKind.Voided or LedgerKind.Returned, GivenBack: false } => $"{row.Kind}Kept",
            _ => $"{row.Kind}",
        },
        Title(row.Campaign, titles), row.Receipt, MaskedNumber.Of(row.Member), row.Yen, row.Actor, [], false);

    private Happening Describe(TillAnswer answer, Dictionary<string, string> titles) => new(
        time.Local(answer.At), answer.TraceId, answer.Outcome is not ("Redeemed" or "Partial" or "Voided" or "Returned" or "Restored"), "Answer" + answer.Outcome, null,
        answer.Receipt, null, 0, Actors.Till, [.. answer.Refusals.Select(one => (Title(one.Campaign, titles), told.Sentence(one)))],
        answer.Replayed);

    private Happening Describe(Mismatch mismatch, string number) => new(
        time.Local(mismatch.At), null, Refused: true, "Mismatch", OpsTexts.Fields(mismatch.Fields), null, MaskedNumber.Of(number), 0,
        LineAccountText.Shorten(mismatch.Account), [], false);

    private static string? Title(string? campaign, Dictionary<string, string> titles) =>
        campaign is null ? null : titles.GetValueOrDefault(campaign, campaign);

    private static Found Page(ImmutableArray<Happening> all, Asked asked)
    {
        var wanted = InOrder([.. all.Where(one => (asked.Until is null || one.At < asked.Until) && (!asked.RefusedOnly || one.Refused))]);
        if (wanted.Length <= PageLines) return Found.Nothing with { Story = wanted };

        // The ledger knows milliseconds: what happened in one of them is on one page.
        var next = Millisecond(wanted[PageLines - 1].At);
        return Found.Nothing with { Story = [.. wanted.TakeWhile(one => one.At >= next)], Next = next };
    }

    private static DateTimeOffset Millisecond(DateTimeOffset at) => at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMillisecond));

    private static ImmutableArray<Happening> InOrder(ImmutableArray<Happening> all) => [.. all.Reverse().OrderByDescending(one => one.At)];

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

    /// <summary>As the pages show it.</summary>
    [GeneratedRegex(@"^(?<id>[0-9a-fA-F]{8})…?\z")]
    private static partial Regex TraceBeginning();
}

/// <param name="Text">What was typed.</param>
/// <param name="RefusedOnly">Only refusals, wrong answers and calls without an answer.</param>
/// <param name="Until">Only what was before; null for the newest.</param>
public sealed record Asked(string Text, bool RefusedOnly = false, DateTimeOffset? Until = null);

/// <param name="Story">Newest first.</param>
/// <param name="Next">What is older than this is on the next page; null when there is nothing.</param>
/// <param name="Traces">Ids that begin as was typed.</param>
/// <param name="Member">For a member number that somebody knows, or tried.</param>
/// <param name="AccountLockedUntil">Of the LINE accounts that tried this number or are linked to it.</param>
/// <param name="Masked">The member number, masked; null when it was not meant as one.</param>
public sealed record Found(
    ImmutableArray<Happening> Story, DateTimeOffset? Next, ImmutableArray<string> Traces, MemberReport? Member,
    DateTimeOffset? AccountLockedUntil, string? Masked)
{
    public static readonly Found Nothing = new([], null, [], null, null, null);
}

/// <summary>One line of a story.</summary>
/// <param name="At">In the co-op's zone.</param>
/// <param name="Text">Name of the sentence.</param>
/// <param name="Campaign">Its title, or what else the sentence speaks of.</param>
/// <param name="Member">Masked.</param>
/// <param name="Said">What the cashier was given to read, of each coupon that was refused, by the campaign's title.</param>
public sealed record Happening(
    DateTimeOffset At, string? TraceId, bool Refused, string Text, string? Campaign, string? Receipt, string? Member, int Yen,
    string? Actor, ImmutableArray<(string? Campaign, string Sentence)> Said, bool Replayed);
