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
        "FROM standing_uses AS saving WHERE saving.member = linked.member_number AND saving.at_utc >= @savedFrom AND saving.at_utc < @savedUntil";

    // Questions within each other and no joins, so that a database without statistics finds a person, and then one block, by their keys.
    private const string HadLately = """
        SELECT count(*)
        FROM recent
        WHERE (
            SELECT person.reason IS NULL AND (
                SELECT block.first_sent_at >= @capSince AND block.state IN ('inFlight', 'accepted', 'parked')
                FROM send_block AS block
                WHERE block.campaign = person.campaign AND block.number = person.block)
            FROM send_person AS person
            WHERE person.campaign = recent.campaign AND person.account = known.account)
        """;

    /// <summary>
    /// SQL, in front of a query: the table <c>candidate</c> of all accounts, or of those in the list <c>@accounts</c>: <c>account</c>,
    /// <c>member</c> (null without a link), <c>meant</c> (in the audience), <c>reason</c> (why this person gets nothing; null: gets it),
    /// <c>store</c> and <c>saved</c> (a member's home store and yen, if the wording names them).
    /// </summary>
    // What a person had lately is looked for in the messages of these days only, since nearly all are older, and not at all when they are
    // too few for the cap: nobody is in a message twice.
    public string Candidates(bool some)
    {
        return $"""
            WITH recent AS MATERIALIZED (
                SELECT plan.campaign
                FROM send_plan AS plan
                WHERE plan.topic = @topic AND plan.campaign <> @campaign
                    AND plan.campaign IN (SELECT block.campaign FROM send_block AS block WHERE block.first_sent_at >= @capSince)
            ), candidate AS MATERIALIZED (
                SELECT known.account, linked.member_number AS member,
                    CASE WHEN linked.member_number IS NULL THEN {(definition.Audience.Linked is not true ? "1" : "0")} ELSE {Meant} END AS meant,
                    CASE
                        WHEN known.blocked = 1 THEN 'blocked'
                        WHEN registered.status = 'withdrawn' OR registered.replaced_by IS NOT NULL THEN 'withdrawn'
                        WHEN {(TopicNames.MustBeWanted(definition.Topic) ? "known.topics_on NOT LIKE" : "known.topics_off LIKE")} @topicNamed THEN 'optedOut'
                        {(definition.Kind == MessageKind.Safety ? "" : $"WHEN (SELECT count(*) FROM recent) >= @cap AND ({HadLately}) >= @cap THEN 'capped'")}
                        WHEN {(definition.Linked is null ? "linked.member_number IS NOT NULL" : "false")} THEN 'otherVariant'
                        WHEN {(definition.Unlinked is null ? "linked.member_number IS NULL" : "false")} THEN 'otherVariant'
                    END AS reason,
                    {(Names(Variables.Store) ? "registered.home_store" : "CAST(NULL AS text)")} AS store,
                    {(Names(Variables.Saved) ? $"(SELECT CAST(sum(saving.yen) AS bigint) {SavedThen})" : "CAST(NULL AS bigint)")} AS saved
                FROM line_accounts AS known
                LEFT JOIN linked_members AS linked ON linked.member_number = known.member AND linked.account = known.account
                LEFT JOIN registry AS registered ON registered.member_number = linked.member_number
                WHERE {Among("known.account")}
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
        if (audience.LinkedSince is not null) yield return $"{database.Moment("linked.since")} >= @linkedSince";

        if (audience.Saved is not null) yield return $"EXISTS (SELECT 1 {SavedThen} AND saving.yen > 0)";
        if (audience.Coupon is not { } asked) yield break;

        yield return (asked.Used ? "" : "NOT ")
            + "EXISTS (SELECT 1 FROM standing_uses WHERE standing_uses.member = linked.member_number AND standing_uses.campaign = @coupon)";
        if (asked.Used || coupon is null) yield break;

        // Who has not used a coupon has one.
        if (coupon.Definition.Businesses is not null) yield return HasOneOf("@couponBusinesses");
        if (coupon.Definition.IssuedToList)
            yield return "EXISTS (SELECT 1 FROM campaign_member AS issued WHERE issued.list = @couponList AND issued.member = linked.member_number)";
    }

    private bool Names(string variable) => definition.Linked?.Names(variable) == true;

    private string HasOneOf(string businesses) =>
        $"EXISTS (SELECT 1 FROM {database.Texts("registered.businesses")} WHERE {database.IsAmong("value", businesses)})";

    private object Businesses(IEnumerable<Business>? businesses) => database.List((businesses ?? []).Select(BusinessNames.Write));
}
