using System.Globalization;
using System.Text;

namespace CoopLine.Simulator.Demo;

/// <summary>A member whose data the demo page shows, so that a person can link.</summary>
/// <param name="Note">What this member is good for, in Japanese.</param>
internal sealed record DemoMember(
    string Number, string Phones, string BirthDate, string Status, string Businesses, string HomeStore, string Note);

/// <summary>An item on the till's buttons.</summary>
internal sealed record DemoProduct(string Jan, string Category, string Name, int Price);

/// <summary>A made-up co-op: the same members, items and campaigns at every start.</summary>
internal static class DemoData
{
    public const int MemberCount = 10_000;
    private const int FirstNumber = 10_000_001;
    private const string RegistryHeader = "member_number,phones,birth_date,status,businesses,home_store,replaced_by";

    public static readonly IReadOnlyList<DemoMember> Members =
    [
        new("10000001", "090-1234-5678", "1971-04-01", "active", "store;home", "0123", "店舗と個配。すべてのクーポン"),
        new("10000002", "090-2345-6789", "1948-11-03", "active", "store", "0123", "店舗だけ。個配のクーポンは出ない"),
        new("10000003", "080-3456-7890;03-1234-5678", "1985-07-20", "active", "home;group", "0456", "電話番号が2つ"),
        new("10000004", "", "1990-01-15", "active", "store", "0456", "電話番号が未登録。連携できない"),
        new("10000005", "070-4567-8901", "1962-12-24", "withdrawn", "store", "0123", "脱退済み。連携できない"),
        new("10000006", "090-5678-9012", "2000-02-29", "active", "store;home;group", "0456", "2月29日生まれ"),
    ];

    public static readonly IReadOnlyList<DemoProduct> Products =
    [
        new("4901234567894", "1201", "もめん豆腐", 198),
        new("4901234567900", "1101", "コープ牛乳 1L", 238),
        new("4901234567917", "1301", "食パン 6枚", 158),
        new("4901234567924", "2101", "バナナ", 128),
        new("4901234567931", "3101", "たまご 10個", 268),
        new("4901234567948", "4101", "冷凍うどん 5食", 328),
    ];

    public static readonly IReadOnlyDictionary<string, string> StoreNames =
        new Dictionary<string, string> { ["0123"] = "みどり店", ["0456"] = "さくら店" };

    /// <summary>
    /// The registry's file: the well-known members, then made-up ones up to <see cref="MemberCount"/>.
    /// </summary>
    public static string RegistryCsv()
    {
        var csv = new StringBuilder(RegistryHeader).Append('\n');
        foreach (var member in Members)
        {
            csv.AppendJoin(
                ',', member.Number, member.Phones, member.BirthDate, member.Status, member.Businesses, member.HomeStore)
                .Append(",\n");
        }

        var random = new Random(20261122);
        string[] businesses = ["store", "store;home", "home", "group", "home;group", "store;home;group"];
        var firstBirth = new DateOnly(1935, 1, 1);
        for (var i = Members.Count; i < MemberCount; i++)
        {
            var phone = $"0{random.Next(7, 10)}0-{random.Next(10_000):0000}-{random.Next(10_000):0000}";
            var birth = firstBirth.AddDays(random.Next(365 * 70));
            var status = random.Next(50) == 0 ? "withdrawn" : "active";
            var business = businesses[random.Next(businesses.Length)];
            var home = random.Next(2) == 0 ? "0123" : "0456";
            csv.Append(CultureInfo.InvariantCulture,
                $"{FirstNumber + i},{phone},{birth:yyyy-MM-dd},{status},{business},{home},\n");
        }
        return csv.ToString();
    }

    /// <summary>What the receipts call this month's campaigns.</summary>
    public static IReadOnlyDictionary<string, string> CampaignTitles(DateOnly today) =>
        Campaigns(today).ToDictionary(campaign => campaign.Id, campaign => campaign.Title);

    /// <summary>This month's four campaigns by id; the body is the staff API's.</summary>
    public static IEnumerable<(string Id, string Title, object Body)> Campaigns(DateOnly today)
    {
        var month = new DateOnly(today.Year, today.Month, 1);
        return
        [
            Campaign("tofu", "豆腐 30円引", "もめん豆腐がお得です。", new { type = "yen", value = 30 }, jans: ["4901234567894"]),
            Campaign("milk", "牛乳 10%引", "牛乳ならどれでも。", new { type = "percent", value = 10 }, categories: ["1101"]),
            Campaign("bread", "食パン 98円", "人気の食パンを特別価格で。", new { type = "price", value = 98 }, jans: ["4901234567917"]),
            Campaign("udon", "個配の方へ 冷凍うどん 50円引", "個配をご利用の組合員様だけのクーポンです。",
                new { type = "yen", value = 50 }, jans: ["4901234567948"], businesses: ["home"]),
        ];

        (string, string, object) Campaign(
            string name, string title, string description, object discount,
            string[]? jans = null, string[]? categories = null, string[]? businesses = null) =>
            (CampaignId(name, month), title, new
            {
                title,
                description,
                discount,
                items = new { jans = jans ?? [], janPrefixes = Array.Empty<string>(), categories = categories ?? [] },
                stores = businesses is null ? StoreNames.Keys.Order(StringComparer.Ordinal).ToArray() : null,
                businesses,
                startsAt = Midnight(month.AddMonths(-1)),
                endsAt = Midnight(month.AddMonths(2)),
                unknownMarkdown = "refuse",
            });
    }

    /// <summary>The month before's campaigns, which would otherwise be offered twice.</summary>
    public static IEnumerable<string> FormerCampaigns(DateOnly today) =>
        Campaigns(today.AddMonths(-1)).Select(campaign => campaign.Id);

    private static string CampaignId(string name, DateOnly month) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}-{month:yyyy-MM}");

    private static string Midnight(DateOnly day) =>
        string.Create(CultureInfo.InvariantCulture, $"{day:yyyy-MM-dd}T00:00:00+09:00");
}
