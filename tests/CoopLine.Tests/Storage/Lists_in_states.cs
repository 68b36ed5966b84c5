using System.Collections;
using System.Reflection;
using CoopLine.Grains.Accounts;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Line;
using CoopLine.Grains.Linking;
using CoopLine.Grains.Members;
using CoopLine.Grains.Messages;
using CoopLine.Grains.Redemptions;
using CoopLine.Grains.Staff;
using CoopLine.Grains.Storage;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Storage;

/// <summary>No state grows for ever, whatever somebody does again and again.</summary>
[NoDatabase]
public sealed class Lists_in_states
{
    private const int Often = 500;

    private static readonly DateTimeOffset At = new(2026, 11, 22, 10, 0, 0, TimeSpan.FromHours(9));

    private static readonly Type[] States =
    [
        typeof(LineAccountState), typeof(LinkSessionState), typeof(MemberState), typeof(CampaignState), typeof(CouponState),
        typeof(CouponCodeState), typeof(ReceiptState), typeof(MessageState),
        typeof(FriendListState), typeof(AutomaticMessageState), typeof(StaffState), typeof(StaffDirectoryState),
    ];

    /// <summary>What makes a list longer, done often; and how long it gets.</summary>
    private static readonly Dictionary<string, (int AtMost, Func<IEnumerable> Grown)> Grown = new()
    {
        ["LineAccountState.EarlierMembers"] =
            (LineAccountState.MaxEarlierMembers, () => Repeat(new LineAccountState(), (was, i) => was.Had($"{i}")).EarlierMembers),
        ["LineAccountState.Mismatches"] = (5, () => Repeat(new LineAccountState(), (was, _) => was.Missed(At)).Missed(At).Mismatches),
        ["LineAccountState.Events"] = (64, () => Repeat(new LineAccountState(), (was, i) => was.Receive(Said(i), "s", At)).Events),
        ["LineAccountState.Errands"] = (64, () => Repeat(
            new LineAccountState(), (was, i) => was.Receive(Said(i) with { Kind = LineEventKind.AccountLink }, "s", At)).Errands),
        ["LineAccountState.Outbox"] = (100, () => Repeat(
            new LineAccountState(), (was, i) => was.Enqueue($"{i}", Notice.Linked, At)).Outbox),
        ["LineAccountState.TopicsOff"] = (3, () => Repeat(new LineAccountState(), (was, i) => was.Turn((Topic)(i % 3), on: false)).TopicsOff),
        ["LineAccountState.TopicsOn"] = (1, () => Repeat(new LineAccountState(), (was, i) => was.Turn(Topic.Saved, on: i % 2 == 0)).Turn(Topic.Saved, on: true).TopicsOn),
        ["LinkSessionState.Nonces"] = (5, () => Repeat(
            new LinkSessionState().Issue("U1", At).Open(At), (was, i) => was.StartDialog($"{i}", "10000001", At)).Nonces),
        ["MemberState.History"] = (100, () => Repeat(new MemberState(), (was, i) => Unlinked(was, i, null)).History),
        ["MemberState.Notices"] = (32, () => Repeat(
            new MemberState(), (was, i) => Unlinked(was, i, new(Link(i), LinkEnd.ByStaff, null))).Notices),
        ["MemberState.Refused"] = (32, () => Repeat(
            new MemberState(), (was, i) => was.Tie(Link(i), isMember: false, Row(i)).Next).Refused!.Value),
        ["MemberState.Mismatches"] = (64, () => Repeat(
            new MemberState(), (was, i) => was.Missed(new(At.AddSeconds(i), $"U{i % 3}", MismatchedFields.None))).Mismatches),
        ["CouponState.TakenBack"] = (64, () => Repeat(new CouponState(), (was, i) =>
            was.UseFor(Use(i), Row(i)).Next.TakeBack(Row(i) with { Kind = LedgerKind.Voided, GivenBack = true }).Next).TakenBack),
        ["CouponState.Fences"] = (100, () => Repeat(new CouponState(), (was, i) => was.Fence($"U{i}", 1)).Fences),
        ["CouponState.Lost"] = (64, () => Repeat(
            new CouponState().UseFor(Use(0), Row(0)).Next, (was, i) => was.UseFor(Use(i), Row(i) with { Planned = true }).Next).Lost),
        ["CouponState.Forsaken"] = (32, () => Repeat(new CouponState(), (was, i) => was.Forsake(Receipt(i), new($"{i:x16}")).Next).Forsaken),
        ["StaffState.Passkeys"] = (StaffState.PasskeysMax, () => Repeat(
            new StaffState { Account = new("s", "s", [], null) }, (was, i) => was.Add(new($"{i}", "", 0, PasskeySync.Never, "", At)).Next).Passkeys),
        ["StaffState.Sessions"] = (20, () => Repeat(new StaffState(), (was, i) => was.Start(new($"{i}", SignInMethod.Key, At, At))).Sessions),
        ["StaffDirectoryState.Names"] = (
            StaffDirectoryState.NamesMax,
            () => Repeat(new StaffDirectoryState { Names = [.. Enumerable.Range(-900, 900).Select(i => $"{i}")] }, (was, i) => was.With($"{i}")).Names),
        ["ReceiptState.Returns"] = (100, () => Repeat(new ReceiptState(), (was, i) => was.Return($"{i}", [new(1, 1)])).Returns),
        ["ReceiptState.Returned"] = (20, () => Repeat(new ReceiptState(), (was, i) => was.Return($"{i}", [new(i % 20, 1)])).Returned),
    };

    /// <summary>As long as the request or the code that they came from, which is checked before; or written once and taken out.</summary>
    private static readonly string[] AsAsked =
    [
        "StateWithLedger.Ledger", "StateWithCounts.Counts", "Reliance.States",
        "CodeGrant.EarlierMembers", "CodeGrant.Campaigns",
        "Plan.Uses", "Plan.Refusals", "RedemptionAnswer.Discounts", "RedemptionAnswer.Refusals",
        "CampaignDefinition.Stores", "CampaignDefinition.Businesses",
        "CampaignConditions.Weekdays", "Refusal.Weekdays", "CampaignLimits.Stores",
        "ItemSelector.Jans", "ItemSelector.JanPrefixes", "ItemSelector.Categories",
        "Audience.Businesses", "Audience.Stores", "MessageCard.Lines",
        "TopicsAnswer.Off", "TopicsAnswer.On", // as many as there are topics
        "StaffProfile.Roles", "StaffProfile.Stores",
        "Erasing.Numbers", "Erasing.Accounts", // as many as the person had
    ];

    public static TheoryData<string> Names => [.. Grown.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_list_stays_as_short_as_it_should_however_often_something_is_done(string list)
    {
        var (atMost, grown) = Grown[list];

        Assert.InRange(grown().Cast<object>().Count(), 1, atMost);
    }

    [Fact]
    public void Every_list_of_every_state_is_known_here()
    {
        var lists = States.SelectMany(state => ListsOf(state, [])).Distinct().Order(StringComparer.Ordinal).ToArray();

        Assert.Equal(Grown.Keys.Concat(AsAsked).Order(StringComparer.Ordinal), lists);
    }

    [Fact]
    public void Every_state_is_known_here() =>
        Assert.Equal(
            States.Select(state => state.FullName).Order(StringComparer.Ordinal),
            typeof(StateGrain<>).Assembly.GetTypes()
                .Where(type => type.BaseType is { IsGenericType: true } grain && grain.GetGenericTypeDefinition() == typeof(StateGrain<>))
                .Select(type => type.BaseType!.GenericTypeArguments[0].FullName).Order(StringComparer.Ordinal));

    [Fact]
    public void Who_tries_a_number_often_does_not_push_the_others_out_of_the_count()
    {
        var member = new MemberState();
        foreach (var account in (string[])["U1", "U2", "U3"]) member = member.Missed(new(At, account, MismatchedFields.Phone));
        for (var i = 1; i <= Often; i++) member = member.Missed(new(At.AddSeconds(i), "U3", MismatchedFields.Phone));
        Assert.Null(member.LockedUntil);

        Assert.NotNull(member.Missed(new(At.AddHours(1), "U4", MismatchedFields.Phone)).LockedUntil);
    }

    private static IEnumerable<string> ListsOf(Type type, HashSet<Type> seen)
    {
        if (!seen.Add(type)) yield break;
        foreach (var property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public))
        {
            var kind = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (kind != typeof(string) && kind.IsAssignableTo(typeof(IEnumerable)))
            {
                yield return $"{property.DeclaringType!.Name}.{property.Name}";
                kind = kind.GenericTypeArguments[0];
            }

            if (kind.Namespace?.StartsWith("CoopLine.", StringComparison.Ordinal) != true || kind.IsEnum) continue;
            foreach (var list in ListsOf(kind, seen)) yield return list;
        }
    }

    private static TState Repeat<TState>(TState begin, Func<TState, int, TState> next)
    {
        for (var i = 1; i <= Often; i++) begin = next(begin, i);
        return begin;
    }

    private static LineEvent Said(int i) => new($"{i}", LineEventKind.Message, At, ReplyToken: "token", Text: "こんにちは");

    private static MemberLink Link(int i) => new($"{i}", "U1", "10000001", At, i);

    private static MemberState Unlinked(MemberState was, int i, MemberState.EndNotice? notice) =>
        was.Tie(Link(i), isMember: true, Row(i)).Next.Untie(new(Link(i), At, LinkEnd.ByStaff, null, null, null), Row(i), notice);

    private static ReceiptKey Receipt(int i) => new(new(2026, 11, 22), "0123", "05", $"{i:D6}");

    private static CouponUse Use(int i) => new(Receipt(i), "aa", "U1", 1, At, 1, 30, 1, new Decision($"{i:x32}"));

    private static LedgerRow Row(int i) => new()
    {
        Id = $"{i}",
        Kind = LedgerKind.Used,
        At = At,
        Receipt = Receipt(i).ToString(),
        Actor = "till",
    };
}
