using System.Globalization;
using System.Net;
using System.Text.Json;
using CoopLine.Grains.Ledger;

namespace CoopLine.ClusterTests.Load;

/// <summary>The checker of calls that were left without an answer: what came out is made by hand, right and wrong.</summary>
public sealed class Learning_what_happened
{
    private const string Trace = "11111111111111111111111111111111";
    private const string Again = "22222222222222222222222222222222";

    private const string Replayed = """{"outcome":"redeemed","replayed":true,"traceId":"11111111111111111111111111111111"}""";
    private const string ReplayedOfAnother = """{"outcome":"redeemed","replayed":true,"traceId":"33333333333333333333333333333333"}""";
    private const string Fresh = """{"outcome":"redeemed","replayed":false,"traceId":"22222222222222222222222222222222"}""";
    private const string Refused = """{"outcome":"refused","replayed":false,"traceId":"22222222222222222222222222222222"}""";
    private const string TooLate = """{"status":400,"serverTime":"2026-11-22T10:15:00+09:00"}""";
    private const string Voided = """{"uses":[],"replayed":false}""";
    private const string VoidedBefore = """{"uses":[],"replayed":true}""";

    private static readonly Basket Basket = Counter.NewBasket("2512345678908", "10000001", "U1234…5678", "tofu");

    [Theory]
    [InlineData(1, Replayed, 1, true)]
    [InlineData(0, Replayed, 1, true)] // it was late, and yet before
    [InlineData(0, Fresh, 1, false)]
    [InlineData(0, Refused, 0, false)]
    [InlineData(0, TooLate, 0, false)]
    public void A_redemption_had_happened_or_had_not(int before, string answer, int after, bool hadHappened)
    {
        var learned = Learned(isVoid: false, before, answer, after);
        Assert.Equal((hadHappened, false, false), (learned.HadHappened, learned.IsLost, learned.IsDouble));
    }

    [Theory]
    [InlineData(1, VoidedBefore, 1, true)]
    [InlineData(0, Voided, 1, false)]
    public void A_void_had_happened_or_had_not(int before, string answer, int after, bool hadHappened)
    {
        var learned = Learned(isVoid: true, before, answer, after);
        Assert.Equal((hadHappened, false, false), (learned.HadHappened, learned.IsLost, learned.IsDouble));
    }

    [Theory]
    [InlineData(false, 1, Fresh, 1)] // decided again
    [InlineData(false, 1, Refused, 1)]
    [InlineData(false, 1, TooLate, 1)]
    [InlineData(false, 1, Replayed, 0)] // the ledger forgot it
    [InlineData(false, 0, Fresh, 0)]
    [InlineData(false, 0, Refused, 1)] // it took the coupon after all
    [InlineData(true, 1, Voided, 1)]
    [InlineData(true, 0, VoidedBefore, 0)]
    public void What_is_lost_is_seen(bool isVoid, int before, string answer, int after) =>
        Assert.True(Learned(isVoid, before, answer, after).IsLost);

    [Theory]
    [InlineData(false, 1, Replayed, 2)]
    [InlineData(false, 1, ReplayedOfAnother, 1)]
    [InlineData(true, 1, VoidedBefore, 2)]
    public void What_happened_twice_is_seen(bool isVoid, int before, string answer, int after) =>
        Assert.True(Learned(isVoid, before, answer, after).IsDouble);

    [Fact]
    public void The_ledger_has_a_redemption_once_for_each_decision()
    {
        var call = new LeftCall(Basket, IsVoid: false, Trace);
        Assert.Equal(0, call.TimesIn([]));
        Assert.Equal(0, call.TimesIn([Use("tofu", "a") with { Receipt = "another" }]));
        Assert.Equal(1, call.TimesIn([Use("tofu", "a"), Use("milk", "a")]));
        Assert.Equal(2, call.TimesIn([Use("tofu", "a"), Use("milk", "b")]));
    }

    [Fact]
    public void The_ledger_has_a_void_when_it_has_it_for_every_use()
    {
        var call = new LeftCall(Basket, IsVoid: true, Trace);
        LedgerRow[] uses = [Use("tofu", "a"), Use("milk", "a")];
        Assert.Equal(0, call.TimesIn([]));
        Assert.Equal(0, call.TimesIn(uses));
        Assert.Equal(0, call.TimesIn([.. uses, VoidOf("tofu")]));
        Assert.Equal(1, call.TimesIn([.. uses, VoidOf("tofu"), VoidOf("milk")]));
        Assert.Equal(2, call.TimesIn([.. uses, VoidOf("tofu"), VoidOf("tofu")]));
    }

    private static LearnedCall Learned(bool isVoid, int before, string answer, int after) => new(
        new(Basket, isVoid, Trace),
        new(answer == TooLate ? HttpStatusCode.BadRequest : HttpStatusCode.OK, JsonElement.Parse(answer), false, 1, 2, Again),
        before, after);

    private static LedgerRow Use(string campaign, string decision) => new()
    {
        Id = campaign,
        Kind = LedgerKind.Used,
        At = DateTimeOffset.Parse("2026-11-22T10:00:00+09:00", CultureInfo.InvariantCulture),
        Receipt = Basket.Sale.Path,
        Decision = decision,
    };

    private static LedgerRow VoidOf(string use) => Use("void of " + use, "") with { Kind = LedgerKind.Voided, Amends = use };
}
