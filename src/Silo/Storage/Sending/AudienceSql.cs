using CoopLine.Grains;
using CoopLine.Grains.Accounts;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Messages;
using CoopLine.Grains.Registry;
using Microsoft.Extensions.Options;

namespace CoopLine.Silo.Storage.Sending;

/// <summary>Makes the query for a message as things are now.</summary>
internal sealed class Audiences(
    Database database, CampaignCache campaigns, CoopTime time, IOptions<MessageOptions> options, TimeProvider clock)
{
    public async Task<AudienceSql> Of(string message, MessageDefinition definition)
    {
        var coupon = definition.Audience.Coupon is { } asked ? (await campaigns.Current()).GetValueOrDefault(asked.Campaign) : null;
        return new(database, time, options.Value, clock.GetUtcNow(), message, definition, coupon);
    }
}

/// <summary>
/// The one query for whom a message is: it counts for the preview, writes the plan and is the last filter of a block. It reads the
/// states of accounts and members and the registry as they are at that moment.
/// </summary>
/// <param name="coupon">The campaign of which the audience has, or has not, used a coupon.</param>
internal sealed class AudienceSql(
    Database database, CoopTime time, MessageOptions options, DateTimeOffset now, string message, MessageDefinition definition, Campaign? coupon)
{
    private const string SavedThen =
        "FROM standing_uses AS saving WHERE saving.member = known.member AND saving.at_utc >= @savedFrom AND saving.at_utc < @savedUntil";

    /// <summary>
    /// SQL, in front of a query: the table <c>candidate</c> of all accounts, or of those in the list <c>@accounts</c>: <c>account</c>,
    /// <c>member</c> (null without a link), <c>meant</c> (in the audience), <c>reason</c> (why this person gets nothing; null: gets it),
    /// <c>store</c> and <c>saved</c> (a member's home store and yen, if the wording names them).
    /// </summary>
    // The member is looked up account by account: for an outer join PostgreSQL sorts all of them, and SQLite does not use an index that has
    // a condition. What a person had lately is looked for in the messages of these days only, since nearly all are older.
    public string Candidates(bool some)
    {
        return $"""
            WITH recent AS (
                SELECT DISTINCT block.campaign
                FROM send_block AS block
                JOIN send_plan AS plan ON plan.campaign = block.campaign AND plan.topic = @topic
                WHERE block.first_sent_at >= @capSince AND block.campaign <> @campaign
            ), frequent AS (
                SELECT person.account
                FROM send_person AS person
                JOIN send_block AS block ON block.campaign = person.campaign AND block.number = person.block
                WHERE person.campaign IN (SELECT campaign FROM recent) AND {Among("person.account")} AND person.reason IS NULL
                    AND block.first_sent_at >= @capSince AND block.state IN ('inFlight', 'accepted', 'parked')
                GROUP BY person.account
                HAVING count(*) >= @cap
            ), known AS MATERIALIZED (
                SELECT account.account, account.blocked, account.topics_off, account.topics_on, (
                    SELECT linked.member_number
                    FROM linked_members AS linked
                    WHERE linked.member_number = account.member AND linked.account = account.account) AS member
                FROM line_accounts AS account
                WHERE {Among("account.account")}
            ), candidate AS (
                SELECT known.account, known.member,
                    CASE WHEN known.member IS NULL THEN {(definition.Audience.Linked is not true ? "1" : "0")} ELSE {Meant} END AS meant,
                    CASE
                        WHEN known.blocked = 1 THEN 'blocked'
                        WHEN registered.status = 'withdrawn' OR registered.replaced_by IS NOT NULL THEN 'withdrawn'
                        WHEN {(TopicNames.MustBeWanted(definition.Topic) ? "known.topics_on NOT LIKE" : "known.topics_off LIKE")} @topicNamed THEN 'optedOut'
                        {(definition.Kind == MessageKind.Safety ? "" : "WHEN known.account IN (SELECT account FROM frequent) THEN 'capped'")}
                        WHEN {(definition.Linked is null ? "known.member IS NOT NULL" : "false")} THEN 'otherVariant'
                        WHEN {(definition.Unlinked is null ? "known.member IS NULL" : "false")} THEN 'otherVariant'
                    END AS reason,
                    {(Names(Variables.Store) ? "registered.home_store" : "CAST(NULL AS text)")} AS store,
                    {(Names(Variables.Saved) ? $"(SELECT CAST(sum(saving.yen) AS bigint) {SavedThen})" : "CAST(NULL AS bigint)")} AS saved
                FROM known
                LEFT JOIN registry AS registered ON registered.member_number = known.member
            )
            """;

        string Among(string column) => some ? database.IsAmong(column, "@accounts") : "true";
    }

    public (string, object?)[] Values
    {
        get
        {
            var audience = definition.Audience;
            var topic = EnumNames.Of(definition.Topic);
            return
            [
                ("@campaign", message),
                ("@topic", topic),
                ("@topicNamed", $"%\"{topic}\"%"),
                ("@cap", options.CapMessages),
                ("@capSince", (now - TimeSpan.FromDays(options.CapDays)).ToUnixTimeMilliseconds()),
                ("@businesses", Businesses(audience.Businesses)),
                ("@stores", database.List(audience.Stores ?? [])),
                ("@linkedSince", database.Time(audience.LinkedSince ?? DateTimeOffset.UnixEpoch)),
                ("@coupon", audience.Coupon?.Campaign ?? ""),
                ("@couponBusinesses", Businesses(coupon?.Definition.Businesses)),
                ("@couponList", coupon?.List?.Id ?? ""),
                ("@savedFrom", database.Time(audience.Saved is { } day ? time.Start(day) : DateTimeOffset.UnixEpoch)),
                ("@savedUntil", database.Time(audience.Saved is { } after ? time.Start(after.AddDays(1)) : DateTimeOffset.UnixEpoch)),
            ];
        }
    }

    /// <summary>SQL: 1 for a linked member who is in the audience, else 0.</summary>
    private string Meant => definition.Audience.Linked is false
        ? "0"
        : $"CASE WHEN {string.Join(" AND ", Narrowing().Prepend("true"))} THEN 1 ELSE 0 END";

    private IEnumerable<string> Narrowing()
    {
        var audience = definition.Audience;
        if (audience.Businesses is not null) yield return HasOneOf("@businesses");
        if (audience.Stores is not null) yield return database.IsAmong("registered.home_store", "@stores");
        if (audience.LinkedSince is not null)
        {
            yield return "EXISTS (SELECT 1 FROM linked_members AS linked WHERE linked.member_number = known.member "
                + $"AND {database.Moment("linked.since")} >= @linkedSince)";
        }

        if (audience.Saved is not null) yield return $"EXISTS (SELECT 1 {SavedThen} AND saving.yen > 0)";
        if (audience.Coupon is not { } asked) yield break;

        yield return (asked.Used ? "" : "NOT ")
            + "EXISTS (SELECT 1 FROM standing_uses WHERE standing_uses.member = known.member AND standing_uses.campaign = @coupon)";
        if (asked.Used || coupon is null) yield break;

        // Who has not used a coupon has one.
        if (coupon.Definition.Businesses is not null) yield return HasOneOf("@couponBusinesses");
        if (coupon.Definition.IssuedToList)
            yield return "EXISTS (SELECT 1 FROM campaign_member AS issued WHERE issued.list = @couponList AND issued.member = known.member)";
    }

    private bool Names(string variable) => definition.Linked?.Names(variable) == true;

    private string HasOneOf(string businesses) =>
        $"EXISTS (SELECT 1 FROM {database.Texts("registered.businesses")} WHERE {database.IsAmong("value", businesses)})";

    private object Businesses(IEnumerable<Business>? businesses) => database.List((businesses ?? []).Select(BusinessNames.Write));
}
