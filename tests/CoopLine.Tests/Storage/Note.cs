using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;

namespace CoopLine.Tests.Storage;

/// <summary>A state with everything that the database reads in a state.</summary>
internal sealed record Note : StateWithCounts
{
    public string? Text { get; init; }

    public bool Pending { get; init; }
}

internal static class Rows
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.FromHours(9));

    public static LedgerRow Used(string receipt, string campaign, string member, string hash = "aa", string? decision = "01") => new()
    {
        Id = $"used|{receipt}|{campaign}|{member}",
        Kind = LedgerKind.Used,
        At = Noon,
        Campaign = campaign,
        Member = member,
        Account = "U-" + member,
        Store = receipt.Split('/')[1],
        Receipt = receipt,
        Line = 1,
        Yen = 30,
        RequestHash = hash,
        Actor = "till",
        Answer = """{"outcome":"redeemed"}""",
        TraceId = "trace-" + member,
        Version = 2,
        Decision = decision,
    };

    public static LedgerRow GivenBack(LedgerRow use, LedgerKind kind = LedgerKind.Voided) => new()
    {
        Id = $"{kind}|{use.Id}",
        Kind = kind,
        At = use.At.AddMinutes(5),
        Campaign = use.Campaign,
        Member = use.Member,
        Account = use.Account,
        Store = use.Store,
        Receipt = use.Receipt,
        Yen = -use.Yen,
        Amends = use.Id,
        GivenBack = true,
        Actor = "till",
    };

    public static LedgerRow VoidBeforeItsSale(string receipt) => new()
    {
        Id = $"voided|{receipt}",
        Kind = LedgerKind.Voided,
        At = Noon,
        Store = receipt.Split('/')[1],
        Receipt = receipt,
        Decision = "01",
        Actor = "till",
    };

    public static Note With(params LedgerRow[] rows) => new() { Text = "with rows", Ledger = [.. rows] };
}
