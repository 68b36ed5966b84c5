using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using CoopLine.Grains.Storage;
using CoopLine.Silo.Storage;
using CoopLine.Silo.Storage.GroupCommit;
using CoopLine.Tests.Fixtures;
using CoopLine.Webhook.Pos;
using DbUp;
using DbUp.Builder;
using DbUp.Postgresql;
using DbUp.Sqlite.Helpers;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace CoopLine.Tests.Compatibility;

/// <summary>
/// The version before ledger rows were filed as columns: its tables, made by its scripts, and its states, in its JSON. A
/// payload carries the ledger rows, and the triggers of that version file them. Its words and forms are written out here,
/// since the program has others today.
/// </summary>
internal sealed class PreviousVersion : IDisposable
{
    private static readonly string[] Scripts = TestDatabase.IsPostgreSql
        ?
        [
            "PostgreSql/0001-orleans-storage.sql",
            "PostgreSql/0002-ledger.sql",
            "PostgreSql/0003-orleans-clustering.sql",
            "PostgreSql/0004-ledger-parsed-once.sql",
            "PostgreSql/0005-one-decision-a-receipt.sql",
            "PostgreSql/0006-ledger-fewer-indexes.sql",
            "PostgreSql/0010-registry.sql",
            "PostgreSql/0011-data-protection.sql",
            "PostgreSql/0012-registry-taken-in-faster.sql",
        ]
        :
        [
            "Sqlite/0001-orleans-storage.sql",
            "Sqlite/0002-ledger.sql",
            "Sqlite/0003-one-decision-a-receipt.sql",
            "Sqlite/0004-ledger-without-account-index.sql",
            "Sqlite/0005-ledger-by-rare-kinds.sql",
            "Sqlite/0010-registry.sql",
        ];

    private readonly Dictionary<string, int> versions = [];
    private readonly DbDataSource database;
    private readonly DateTimeOffset now;
    private readonly DbConnection connection;

    public PreviousVersion(TestDatabase empty, DateTimeOffset now)
    {
        this.now = now;
        database = empty.OpenAsOwner(new FakeTimeProvider(now));
        if (database is NpgsqlDataSource server)
        {
            Apply(DeployChanges.To.PostgresqlDatabase(new PostgresqlConnectionManager(server)));
            connection = database.OpenConnection();
            return;
        }

        connection = database.OpenConnection();
        using var shared = new SharedConnection(connection);
        Apply(DeployChanges.To.SqliteDatabase(shared));
    }

    public void Dispose()
    {
        connection.Dispose();
        database.Dispose();
    }

    /// <summary>An applied import with these members of the stores.</summary>
    public void Register(params string[] members)
    {
        Execute(
            """
            INSERT INTO registry_import (mode, status, started_at, alive_at, ended_at, rows, accepted, swept)
            VALUES ('full', 'applied', '2026-11-21T18:00:00.000Z', '2026-11-21T18:00:01.000Z', '2026-11-21T18:00:01.000Z', 2, 2, 1)
            """);
        foreach (var member in members)
        {
            Execute(
                $"""
                INSERT INTO registry_row (member_number, import_id, phones, status, businesses, home_store, line)
                SELECT '{member}', max(id), '[]', 'active', '["store"]', '0123', 2 FROM registry_import
                """);
        }
    }

    public void Link(string member, string account)
    {
        var link = new { id = LinkId(member), account, member, at = "2026-11-01T01:00:00+00:00", sequence = 1 };
        Write(StateNames.Member, "m-" + member, new
        {
            link,
            history = None,
            mismatches = None,
            notices = None,
            ledger = new[]
            {
                new { id = "linked|" + link.id, kind = "linked", link.at, member, account, yen = 0, givenBack = false, actor = "friend" },
            },
            pending = false,
        });
        Write(StateNames.LineAccount, "u-" + account, new
        {
            blocked = false,
            link,
            linkSequence = 1,
            earlierMembers = None,
            mismatches = None,
            events = new[] { link.id },
            errands = None,
            outbox = None,
            menu = "linked",
            ledger = None,
            pending = false,
        });
    }

    /// <summary>Tofu, 30 yen off, since the beginning of November.</summary>
    public void Publish(string campaign, string endsAt = "2026-12-01T00:00:00+09:00") => Write(StateNames.Campaign, "p-" + campaign, new
    {
        version = 1,
        changes = 2,
        status = "published",
        definition = new
        {
            title = "とうふ",
            description = "もめん・きぬ",
            discount = new { type = "yen", value = 30 },
            items = new { jans = new[] { "4901234567894" }, janPrefixes = None, categories = None },
            startsAt = "2026-11-01T00:00:00+09:00",
            endsAt,
            unknownMarkdown = "refuse",
        },
        ledger = new[]
        {
            new
            {
                id = $"CampaignPublished|{campaign}|1|2",
                kind = "campaignPublished",
                at = "2026-11-01T00:00:00+00:00",
                campaign,
                yen = 0,
                givenBack = false,
                actor = "tester",
                version = 1,
            },
        },
    });

    public void Issue(OldSale sale, DateTimeOffset expiresAt) =>
        Write(StateNames.CouponCode, "q-" + sale.Request.code, new { grant = Grant(sale, expiresAt) });

    /// <summary>One coupon: its row has the whole answer.</summary>
    public void Use(OldSale sale) => Use(sale, sale.Campaigns[0], line: 1, JsonSerializer.Serialize(Answer(sale), StateJson.Options));

    /// <summary>One coupon of several on a receipt: the answer is in the receipt's state.</summary>
    public void UsePlanned(OldSale sale, string campaign) => Use(sale, campaign, line: 1 + Array.IndexOf(sale.Campaigns, campaign), answer: null);

    public void Plan(OldSale sale) => WriteReceipt(sale, answered: false);

    public void AnswerPlan(OldSale sale) => WriteReceipt(sale, answered: true);

    public void Void(OldSale sale)
    {
        var campaign = sale.Campaigns[0];
        object[] row =
        [
            new
            {
                id = $"Voided|{sale.Request.Key}|{campaign}/{sale.Member}",
                kind = "voided",
                at = sale.At,
                campaign,
                member = sale.Member,
                account = sale.Account,
                store = sale.Request.Store,
                receipt = sale.Request.Key,
                line = 1,
                yen = 30,
                amends = UseId(sale, campaign),
                givenBack = true,
                actor = "till",
                traceId = OldSale.TraceId,
            },
        ];
        Write(
            StateNames.Coupon, $"k-{campaign}/{sale.Member}",
            new { takenBack = row, fences = None, superseded = false, ledger = row });
    }

    private static object[] None => [];

    private static string LinkId(string member) => "01JD8Z7N5V3Q4X2K1M" + member;

    private static string UseId(OldSale sale, string campaign) => $"Used|{sale.Request.Key}|{campaign}/{sale.Member}";

    private static object Discount(OldSale sale, string campaign) =>
        new { campaign, line = 1 + Array.IndexOf(sale.Campaigns, campaign), units = 1, amount = 30 };

    private static object Answer(OldSale sale) => new
    {
        result = "redeemed",
        discounts = sale.Campaigns.Select(campaign => Discount(sale, campaign)),
        refusals = None,
        traceId = OldSale.TraceId,
    };

    private static object Grant(OldSale sale, DateTimeOffset expiresAt) => new
    {
        account = sale.Account,
        member = sale.Member,
        linkId = LinkId(sale.Member),
        linkSequence = 1,
        earlierMembers = None,
        campaigns = sale.Campaigns,
        expiresAt,
    };

    private void Use(OldSale sale, string campaign, int line, string? answer) => Write(StateNames.Coupon, $"k-{campaign}/{sale.Member}", new
    {
        use = new
        {
            sale.Request.receipt,
            requestHash = sale.Hash,
            account = sale.Account,
            linkSequence = 1,
            at = sale.At,
            line,
            yen = 30,
            version = 1,
            decision = sale.Decision,
        },
        takenBack = None,
        fences = None,
        superseded = false,
        ledger = new[]
        {
            new
            {
                id = UseId(sale, campaign),
                kind = "used",
                at = sale.At,
                campaign,
                member = sale.Member,
                account = sale.Account,
                store = sale.Request.Store,
                receipt = sale.Request.Key,
                line,
                yen = 30,
                requestHash = sale.Hash,
                givenBack = false,
                actor = "till",
                answer,
                traceId = OldSale.TraceId,
                version = 1,
                decision = sale.Decision,
            },
        },
    });

    private void WriteReceipt(OldSale sale, bool answered) => Write(StateNames.Receipt, "r-" + sale.Request.Key, new
    {
        plan = new
        {
            requestHash = sale.Hash,
            at = sale.At,
            code = Grant(sale, expiresAt: sale.At),
            uses = sale.Campaigns.Select(campaign => new { discount = Discount(sale, campaign), version = 1 }),
            refusals = None,
            traceId = OldSale.TraceId,
            decision = sale.Decision,
        },
        answer = answered ? Answer(sale) : null,
        pending = !answered,
    });

    /// <summary>With the stored query, as Orleans' own provider does.</summary>
    private void Write(string stateName, string key, object payload)
    {
        string query;
        using (var stored = connection.Command("SELECT QueryText FROM OrleansQuery WHERE QueryKey = 'WriteToStorageKey'"))
            query = (string)stored.ExecuteScalar()!;
        var row = StateRow.Of(stateName, key);
        using var write = connection.Command(
            query.Replace("now()", "@Now", StringComparison.Ordinal),
            ("GrainIdHash", row.KeyHash),
            ("GrainTypeHash", row.NameHash),
            ("GrainIdN0", 0L),
            ("GrainIdN1", 0L),
            ("GrainTypeString", stateName),
            ("GrainIdExtensionString", key),
            ("ServiceId", "coopline"),
            ("PayloadBinary", JsonSerializer.SerializeToUtf8Bytes(payload, StateJson.Options)));
        if (TestDatabase.IsPostgreSql) write.Parameters.Add(new NpgsqlParameter("Now", now)); // the other connection has it
        var version = write.CreateParameter();
        (version.ParameterName, version.DbType) = ("GrainStateVersion", DbType.Int32);
        version.Value = versions.TryGetValue(key, out var known) ? known : DBNull.Value;
        write.Parameters.Add(version);
        versions[key] = Convert.ToInt32(write.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private void Execute(string sql)
    {
        using var command = connection.Command(sql);
        command.ExecuteNonQuery();
    }

    private static void Apply(UpgradeEngineBuilder engine)
    {
        var done = engine.WithScriptsEmbeddedInAssembly(typeof(Database).Assembly, Scripts.Contains)
            .WithTransaction()
            .WithVariablesDisabled()
            .LogToNowhere()
            .Build()
            .PerformUpgrade();
        Assert.True(done.Successful, done.Error?.Message);
        Assert.Equal(Scripts, done.Scripts.Select(script => script.Name));
    }
}

/// <summary>A purchase that the previous version decided.</summary>
internal sealed record OldSale(string Member, string Account, Sale Request, DateTimeOffset At, params string[] Campaigns)
{
    public const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";

    public string Decision { get; } = Guid.NewGuid().ToString("N");

    /// <summary>The hash never changed: today's program computes what the previous one did.</summary>
    public string Hash { get; } =
        JsonSerializer.Deserialize<RedemptionRequest>(JsonSerializer.Serialize(Request), JsonSerializerOptions.Web)!.ToPurchase().Hash;
}
