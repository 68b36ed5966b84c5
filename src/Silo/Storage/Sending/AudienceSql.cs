using CoopLine.Grains;
using CoopLine.Grains.Messages;
using CoopLine.Grains.Registry;
using Microsoft.Extensions.Options;

namespace CoopLine.Silo.Storage.Sending;

/// <summary>
/// The one query for whom a message is: it counts for the preview, writes the plan and is the last filter of a block. It reads the
/// states of accounts and members and the registry as they are at that moment.
/// </summary>
internal sealed class AudienceSql
{
    private readonly Database database;
    private readonly string campaign;
    private readonly MessageDefinition definition;
    private readonly int cap;
    private readonly DateTimeOffset capSince;

    /// <param name="cap">How many messages of the topic a person gets at most since then.</param>
    public AudienceSql(Database database, string campaign, MessageDefinition definition, int cap, DateTimeOffset capSince) =>
        (this.database, this.campaign, this.definition, this.cap, this.capSince) = (database, campaign, definition, cap, capSince);

    /// <summary>
    /// SQL, in front of a query: the table <c>candidate</c> of all accounts, or of those of some rows of a plan: <c>account</c>,
    /// <c>member</c> (null without a link), <c>meant</c> (in the audience), <c>reason</c> (why this person gets nothing; null: gets it),
    /// <c>store</c> (a member's home store, if the wording names it).
    /// </summary>
    /// <param name="rows">SQL: a condition on send_person; null: all accounts.</param>
    public string Candidates(string? rows) => $"""
        WITH frequent AS (
            SELECT person.account
            FROM send_block AS block
            JOIN send_plan AS plan ON plan.campaign = block.campaign AND plan.topic = @topic
            JOIN send_person AS person ON person.campaign = block.campaign AND person.seq BETWEEN block.first_seq AND block.last_seq
            WHERE block.first_sent_at >= @capSince AND block.state IN ('inFlight', 'accepted', 'parked')
                AND block.campaign <> @campaign AND person.block = block.number AND person.reason IS NULL
            GROUP BY person.account
            HAVING count(*) >= @cap
        ), candidate AS (
            SELECT account.account AS account, linked.member_number AS member,
                CASE WHEN linked.member_number IS NULL THEN {(definition.Audience.Linked is not true ? "1" : "0")} ELSE {Meant} END AS meant,
                CASE
                    WHEN account.blocked = 1 THEN 'blocked'
                    WHEN registered.status = 'withdrawn' OR registered.replaced_by IS NOT NULL THEN 'withdrawn'
                    WHEN account.topics_off LIKE @topicOff THEN 'optedOut'
                    {(definition.Kind == MessageKind.Safety ? "" : "WHEN account.account IN (SELECT account FROM frequent) THEN 'capped'")}
                    WHEN {(definition.Linked is null ? "linked.member_number IS NOT NULL" : "false")} THEN 'otherVariant'
                    WHEN {(definition.Unlinked is null ? "linked.member_number IS NULL" : "false")} THEN 'otherVariant'
                END AS reason,
                {(definition.Linked?.Names(Variables.Store) == true ? "CASE WHEN linked.member_number IS NOT NULL THEN registered.home_store END" : "CAST(NULL AS text)")} AS store
            FROM line_accounts AS account
            LEFT JOIN linked_members AS linked ON linked.member_number = account.member AND linked.account = account.account
            LEFT JOIN registry AS registered ON registered.member_number = linked.member_number
            WHERE {(rows is null ? "true" : $"account.account IN (SELECT account FROM send_person WHERE {rows})")}
        )
        """;

    /// <summary>SQL: 1 for a linked member who is in the audience, else 0.</summary>
    private string Meant
    {
        get
        {
            var audience = definition.Audience;
            if (audience.Linked is false) return "0";
            var conditions = new List<string> { "true" };
            if (audience.Businesses is not null)
                conditions.Add($"EXISTS (SELECT 1 FROM {database.Texts("registered.businesses")} WHERE {database.IsAmong("value", "@businesses")})");
            if (audience.Stores is not null) conditions.Add(database.IsAmong("registered.home_store", "@stores"));
            if (audience.LinkedSince is not null) conditions.Add($"{database.Moment("linked.since")} >= @linkedSince");
            if (audience.Coupon is { } coupon)
            {
                conditions.Add(
                    $"{(coupon.Used ? "" : "NOT ")}EXISTS (SELECT 1 FROM standing_uses WHERE standing_uses.member = linked.member_number AND standing_uses.campaign = @coupon)");
            }

            return $"CASE WHEN {string.Join(" AND ", conditions)} THEN 1 ELSE 0 END";
        }
    }

    public (string, object?)[] Values
    {
        get
        {
            var audience = definition.Audience;
            var topic = EnumNames.Of(definition.Topic);
            return
            [
                ("@campaign", campaign),
                ("@topic", topic),
                ("@topicOff", $"%\"{topic}\"%"),
                ("@cap", cap),
                ("@capSince", capSince.ToUnixTimeMilliseconds()),
                ("@businesses", database.List((audience.Businesses ?? []).Select(BusinessNames.Write))),
                ("@stores", database.List(audience.Stores ?? [])),
                ("@linkedSince", database.Time(audience.LinkedSince ?? DateTimeOffset.UnixEpoch)),
                ("@coupon", audience.Coupon?.Campaign ?? ""),
            ];
        }
    }
}

/// <summary>Makes the query for a message as things are now.</summary>
internal sealed class Audiences(Database database, IOptions<MessageOptions> options, TimeProvider clock)
{
    public AudienceSql Of(string campaign, MessageDefinition definition) => new(
        database, campaign, definition, options.Value.CapMessages, clock.GetUtcNow() - TimeSpan.FromDays(options.Value.CapDays));
}
