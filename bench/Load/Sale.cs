using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CoopLine.Load;

/// <summary>Who buys what: everything about the call number <c>i</c>, computed, so that seeder and till agree on it.</summary>
internal static class Sale
{
    /// <summary>One where all calls shall be on one: <see cref="Options.Limits"/>.</summary>
    public static int Campaigns { get; set; } = 20;

    public const int Stores = 16;
    public const int YenOff = 30;
    public const string Jan = "4901234567894";
    public const string Category = "1201";

    private const long UsedFirst = 100_000_000;
    private const int UsedOfEach = 5;

    // Multipliers without a factor in common with what they are taken modulo of: numbers that look shuffled, each once.
    private const long CodeStep = 7_393_913_321;
    private const long Codes = 10_000_000_000;
    private const long MemberStep = 393_913_321;
    private const long Members = 900_000_000;

    /// <summary>EAN-13 with the prefix 25.</summary>
    public static string Code(long i)
    {
        var first12 = string.Create(CultureInfo.InvariantCulture, $"25{i * CodeStep % Codes:D10}");
        return first12 + CoopLine.Grains.Coupons.Ean13.CheckDigit(first12);
    }

    public static string Member(long i) =>
        (100_000_000 + (i * MemberStep % Members)).ToString(CultureInfo.InvariantCulture);

    /// <summary>Of a coupon that was used long ago: five of each member, who makes none of the calls.</summary>
    public static string UsedMember(long coupon) => Member(UsedFirst + (coupon / UsedOfEach));

    public static string UsedAccount(long coupon) => Account(UsedFirst + (coupon / UsedOfEach));

    /// <summary>Every member has used the first campaign, and four of the others.</summary>
    public static string UsedCampaign(long coupon)
    {
        var (member, which) = (coupon / UsedOfEach, coupon % UsedOfEach);
        return Campaign(which == 0 ? 0 : 1 + (((member * (UsedOfEach - 1)) + which) % (Campaigns - 1)));
    }

    /// <summary>A LINE user id.</summary>
    public static string Account(long i) => "U" + Hash("account", i, 16);

    /// <summary>Whether a friend is a linked member; see <see cref="Seeds.Audience"/>.</summary>
    public static bool IsLinked(long i) => i % 10 < 6;

    public static bool HasBlocked(long i) => i % 100 == 7;

    public static bool HasTurnedOff(long i) => i % 100 == 9;

    /// <summary>As long as LINE's event ids, which are what links are called by.</summary>
    public static string LinkId(long i) => "01JD8Z" + Hash("link", i, 10).ToUpperInvariant();

    public static string Campaign(long i) => string.Create(CultureInfo.InvariantCulture, $"tofu-{i % Campaigns:D2}");

    public static string Store(long i) => string.Create(CultureInfo.InvariantCulture, $"{100 + (i % Stores):D4}");

    public static string TillKey(string store) => "bench-till-key-of-store-" + store;

    /// <summary>Nine digits; the till's number of the receipt.</summary>
    public static string ReceiptNumber(long i) => i.ToString("D9", CultureInfo.InvariantCulture);

    /// <summary>SHA-256 in hex.</summary>
    public static string RequestHash(long i) => Hash("request", i, 32);

    public static string Decision(long i) => Hash("decision", i, 16);

    public static string Trace(long i) => Hash("trace", i, 16);

    private static string Hash(string what, long i, int bytes) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{what}{i}"))).AsSpan(0, bytes));
}
