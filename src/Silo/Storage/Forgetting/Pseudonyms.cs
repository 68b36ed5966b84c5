using System.Security.Cryptography;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Redemptions;

namespace CoopLine.Silo.Storage.Forgetting;

/// <summary>
/// New names for one erasure: the same for the same number, account or link, so that what belongs together stays together. They
/// are drawn at random and kept nowhere else, so that nobody can turn them back.
/// </summary>
internal sealed class Pseudonyms(IEnumerable<string> numbers)
{
    /// <summary>The database lets a ledger row be changed to names that begin so, and to no others.</summary>
    public const string Prefix = "erased-";

    private readonly Dictionary<string, string> members = numbers.ToDictionary(number => number, _ => New());
    private readonly Dictionary<string, string> accounts = [];
    private readonly Dictionary<string, string> links = [];

    public static string New() => Prefix + RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <returns>The number as it is when it is not one of the person's.</returns>
    public string Member(string number) => members.GetValueOrDefault(number, number);

    public LedgerRow Of(LedgerRow row) => row with
    {
        Id = Key(row.Id),
        Member = row.Member is { } number ? Member(number) : null,
        Account = row.Account is { } account ? Account(account) : null,
        Amends = row.Amends is { } amended ? Key(amended) : null,
        Reason = null,
        IdentityCheck = null,
    };

    /// <summary>Nobody uses this coupon again, so that fences are not needed.</summary>
    public CouponState Of(CouponState coupon) => coupon with
    {
        Use = coupon.Use is { } use ? Of(use) : null,
        TakenBack = [.. coupon.TakenBack.Select(Of)],
        Lost = [.. coupon.Lost.Select(loss => loss with { To = loss.To is { } to ? Of(to) : null })],
        Fences = [],
        Ledger = [],
    };

    /// <summary>A receipt of the person, or one that only knows an earlier number of somebody who stays.</summary>
    public ReceiptState Of(ReceiptState receipt) => receipt.Plan is { Code: { } code } plan
        ? receipt with { Plan = plan with { Code = Of(code) } }
        : receipt;

    private CodeGrant Of(CodeGrant code) => (members.ContainsKey(code.Member)
        ? code with { Account = Account(code.Account), Member = Member(code.Member), LinkId = Link(code.LinkId) }
        : code) with
    {
        EarlierMembers = code.EarlierMembers.RemoveAll(members.ContainsKey),
    };

    private CouponUse Of(CouponUse use) => use with { Account = Account(use.Account) };

    private string Account(string account) => Of(accounts, account);

    private string Link(string link) => Of(links, link);

    /// <summary>The natural key of a row: parts with bars between, of which a coupon's ends with the number.</summary>
    private string Key(string id)
    {
        var parts = id.Split('|');
        if (parts is ["linked" or "unlinked", var link]) return $"{parts[0]}|{Link(link)}";
        for (var i = 0; i < parts.Length; i++) parts[i] = Member(parts[i]);
        if (parts[^1].LastIndexOf('/') is var slash and >= 0) parts[^1] = parts[^1][..(slash + 1)] + Member(parts[^1][(slash + 1)..]);
        return string.Join('|', parts);
    }

    private static string Of(Dictionary<string, string> names, string name) =>
        names.TryGetValue(name, out var known) ? known : names[name] = New();
}
