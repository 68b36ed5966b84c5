using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace CoopLine.Tests.Fixtures;

/// <summary>Values that no other test uses.</summary>
internal static class Some
{
    private static int last = 481;

    public static string LineUserId() => "U" + RandomNumberGenerator.GetHexString(32, lowercase: true);

    public static string CampaignId() => "tofu-" + Next();

    public static string StaffName() => "staff-" + Next();

    public static RegisteredMember Member(string businesses = "store") => new(
        "1" + RandomNumberGenerator.GetString("0123456789", 8), "090" + RandomNumberGenerator.GetString("0123456789", 8),
        "19710401", "active", businesses);

    /// <summary>A file of the registry.</summary>
    public static string Csv(params IEnumerable<RegisteredMember> members) => string.Concat(
        members.Select(one => one.Csv).Prepend("member_number,phones,birth_date,status,businesses,home_store,replaced_by")
            .Select(line => line + "\n"));

    /// <summary>Tofu, 30 yen off, everywhere, for everybody, in November 2026.</summary>
    public static object Campaign(
        int value = 30,
        string type = "yen",
        string jan = "4901234567894",
        string[]? stores = null,
        string[]? businesses = null,
        string startsAt = "2026-11-01T00:00:00+09:00",
        string endsAt = "2026-12-01T00:00:00+09:00",
        string unknownMarkdown = "refuse",
        object? conditions = null,
        object? limits = null,
        string? issuedTo = null,
        int? n = null) => new
        {
            title = "とうふ",
            description = "もめん・きぬ",
            discount = new { type, value, n },
            items = new { jans = new[] { jan } },
            stores,
            businesses,
            startsAt,
            endsAt,
            unknownMarkdown,
            conditions,
            limits,
            issuedTo,
        };

    /// <summary>A till's request: one line of two tofu at 198 yen, bought at 10:00 on 2026-11-22.</summary>
    public static Sale Sale(string code, string store = "0123")
    {
        var number = Next();
        return new()
        {
            receipt = new { businessDate = "2026-11-22", store, register = "05", number },
            code = code,
            Path = $"2026-11-22/{store}/05/{number}",
        };
    }

    private static string Next() => Interlocked.Increment(ref last).ToString("D6", CultureInfo.InvariantCulture);
}

/// <summary>A till's request, named as on the wire.</summary>
internal sealed record Sale
{
#pragma warning disable IDE1006 // names of the wire
    public required object receipt { get; init; }
    public string purchasedAt { get; init; } = "2026-11-22T10:00:00+09:00";
    public required string code { get; init; }
    public object[] lines { get; init; } = [Line()];
#pragma warning restore IDE1006

    /// <summary>The receipt in addresses and in the ledger.</summary>
    [JsonIgnore]
    public string Path { get; init; } = "";

    public static object Line(
        int line = 1, string jan = "4901234567894", int quantity = 2, int unitPrice = 198, string markdown = "no") =>
        new { line, jan, category = "1201", quantity, unitPrice, markdown };
}

/// <summary>A member as the co-op's core system knows them.</summary>
public sealed record RegisteredMember(
    string Number, string Phone, string BirthDate, string Status = "active", string Businesses = "store",
    string HomeStore = "0123", string ReplacedBy = "")
{
    public string Csv => $"{Number},{Phone},{BirthDate},{Status},{Businesses},{HomeStore},{ReplacedBy}";
}
