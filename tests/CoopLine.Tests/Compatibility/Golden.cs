using System.Collections.Immutable;
using CoopLine.Grains.Accounts;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Linking;
using CoopLine.Grains.Members;
using CoopLine.Grains.Messages;
using CoopLine.Grains.Redemptions;
using CoopLine.Grains.Registry;
using CoopLine.Grains.Staff;

namespace CoopLine.Tests.Compatibility;

/// <summary>The values in the files of <c>payloads</c>: every state, every property, every kind of value once.</summary>
internal static class Golden
{
    private const string Account = "U4af4980629aa4b71b2f0d6a1c5d2e3f4";
    private const string Hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    private const string Nonce = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
    private const string Operation = "01JD8Z7N5V3Q4X2K1M0T9R8Y7W";
    private const string Session = "kV9dQ0yq3m1ZpYl8c5uXw2sBf7nTgR4h";
    private static readonly Decision Decision = new("8d3f5c7a1e9b4260b5d8f0a2c4e61739");
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string TraceParent = $"00-{Trace}-00f067aa0ba902b7-01";

    private static readonly DateTimeOffset At = new(2026, 11, 22, 1, 15, 0, 250, TimeSpan.Zero);
    private static readonly ReceiptKey Receipt = new(new(2026, 11, 22), "0123", "05", "000481");
    private static readonly MemberLink Link = new(Operation, Account, "100000001", At, 2);
    private static readonly MemberLink Earlier = new("01JD8Z0000000000000000000A", Account, "100000009", At.AddDays(-3), 1);
    private static readonly Refusal Refusal = new("coffee-2026-11", RefusalReason.AlreadyUsed, At, "0456");
    private static readonly AppliedDiscount Discount = new("tofu-2026-11", 1, 1, 30);

    private static readonly CodeGrant Grant = new(
        Account, "100000001", Operation, 2, ["100000009"], ["tofu-2026-11", "coffee-2026-11"], At.AddMinutes(5));

    private static readonly LedgerRow Used = new()
    {
        Id = $"used|{Receipt}|tofu-2026-11/100000001",
        Kind = LedgerKind.Used,
        At = At,
        Campaign = "tofu-2026-11",
        Member = "100000001",
        Account = Account,
        Store = "0123",
        Receipt = Receipt.ToString(),
        Line = 1,
        Yen = 30,
        RequestHash = Hash,
        Amends = $"used|{Receipt}|tofu-2026-11/100000001",
        GivenBack = true,
        Actor = "till",
        Reason = "レジの誤り",
        IdentityCheck = "運転免許証",
        Answer = """{"result":"redeemed"}""",
        TraceId = Trace,
        Version = 3,
    };

    private static readonly Dictionary<string, object> First = new()
    {
        ["line-account"] = new LineAccountState
        {
            Blocked = true,
            FollowChangedAt = At.AddDays(-10),
            Link = Link,
            LinkSequence = 2,
            EarlierMembers = ["100000009"],
            Session = new(Session, At.AddMinutes(-3)),
            Mismatches = [At.AddMinutes(-2)],
            LockedUntil = At.AddHours(1),
            Events = [Operation],
            Errands =
            [
                new(Operation, ErrandKind.Link, At, Session, Nonce, "100000001", 2),
                new("01JD8Z0000000000000000000B", ErrandKind.Unlink, At, Link: Earlier),
            ],
            Outbox = [new(new("7d444840-9dc0-41d1-b245-5ffdce74fad2"), Notice.Linked, "2026-11-22T01:15:00Z", "b60d432864f44d079f6d8efe86cf404b", At, true)],
            Menu = ShownMenu.Linked,
            Ledger = [Used with { Kind = LedgerKind.Undelivered }],
        },
        ["link-session"] = new LinkSessionState
        {
            Account = Account,
            IssuedAt = At.AddMinutes(-5),
            OpenedAt = At.AddMinutes(-4),
            Replaced = true,
            Nonces = [new(Nonce, "100000001")],
            Consumed = new(Operation, "100000001"),
        },
        ["member"] = new MemberState
        {
            Link = Link,
            History = [new(Earlier, At.AddDays(-1), LinkEnd.ByStaff, "counter-1", "機種変更", "運転免許証")],
            Mismatches = [new(At, Account, MismatchedFields.Phone | MismatchedFields.BirthDate)],
            LockedUntil = At.AddDays(1),
            Notices = [new(Earlier, LinkEnd.Renumbered, "100000002")],
            Ledger = [Used with { Kind = LedgerKind.Linked }],
        },
        ["campaign"] = new CampaignState
        {
            Version = 3,
            Changes = 5,
            Status = CampaignStatus.Stopped,
            Definition = new(
                "とうふ", "もめん・きぬ", new(DiscountType.Percent, 10),
                new(["4901234567894"], ["490123"], ["1201"]),
                ["0123"], [Business.Store, Business.HomeDelivery, Business.GroupBuying],
                new(2026, 11, 1, 0, 0, 0, TimeSpan.FromHours(9)), new(2026, 12, 1, 0, 0, 0, TimeSpan.FromHours(9)),
                UnknownMarkdown.Allow),
            StoppedAt = At,
            Ledger = [Used with { Kind = LedgerKind.CampaignStopped }],
        },
        ["campaign-with-picture"] = new CampaignState
        {
            Version = 1,
            Definition = new(
                "とうふ", null, new(DiscountType.Yen, 30), new([], [], ["1201"]), null, null, At, At.AddDays(1),
                Picture: "https://pictures.coop.example/tofu.jpg"),
        },
        ["coupon"] = new CouponState
        {
            Use = new(Receipt, Hash, Account, 2, At, 1, 30, 3),
            TakenBack = [Used with { Kind = LedgerKind.Returned }],
            Fences = [new(Account, 2)],
            Superseded = true,
            Ledger = [Used],
        },
        ["coupon-code"] = new CouponCodeState { Grant = Grant },
        ["receipt"] = new ReceiptState
        {
            Plan = new(Hash, At, Grant, [new(Discount, 3)], [Refusal], Trace),
            Answer = new(RedemptionResult.Partial, [Discount], [Refusal], Trace),
        },
    };

    /// <summary>Later: a receipt has one decision, and a coupon knows those that it was lost to.</summary>
    private static readonly Dictionary<string, object> WithDecisions = new()
    {
        ["line-account-decision"] = Changed<LineAccountState>(was => was with { Ledger = Decided(was.Ledger) }),
        ["member-decision"] = Changed<MemberState>(was => was with { Ledger = Decided(was.Ledger) }),
        ["campaign-decision"] = Changed<CampaignState>(was => was with { Ledger = Decided(was.Ledger) }),
        ["coupon-decision"] = Changed<CouponState>(was => was with
        {
            Use = was.Use! with { Decision = Decision },
            TakenBack = Decided(was.TakenBack),
            Ledger = Decided(was.Ledger),
        }),
        ["receipt-decision"] = Changed<ReceiptState>(was => was with { Plan = was.Plan! with { Decision = Decision } }),
        ["coupon-lost"] = Changed<CouponState>(was => was with { Lost = [new(Decision, was.Use! with { Decision = Decision })] }),
    };

    /// <summary>Later: work that is done afterwards knows the trace in which it was ordered.</summary>
    private static readonly Dictionary<string, object> WithTraces = new()
    {
        ["line-account-ordered"] = Ordered((LineAccountState)WithDecisions["line-account-decision"]),
    };

    /// <summary>Later: what was refused stays refused, and a number that was replaced may come back.</summary>
    private static readonly Dictionary<string, object> WithSecondThoughts = new()
    {
        ["coupon-superseded"] = Changed<CouponState>(was => was with { SupersededAt = At }),
        ["member-refused"] = Changed<MemberState>(was => was with
        {
            Refused = [new(Operation, WasLinked: true)],
            Mismatches = was.Mismatches.Add(new(At, Account, MismatchedFields.None)),
        }),
    };

    /// <summary>Later: a receipt is one text, a list that is empty is left out, and a use that is part of a plan says so.</summary>
    private static readonly Dictionary<string, object> Shorter = new()
    {
        ["coupon-short"] = new CouponState { Use = Use },
        ["coupon-forsaken"] = new CouponState
        {
            Use = Use,
            TakenBack = [Used with { Kind = LedgerKind.Returned, Decision = Decision.Name }],
            Fences = [new(Account, 2)],
            Lost = [new(Decision, Use)],
            Forsaken = [new("8d3f5c7a1e9b4260")],
            Superseded = true,
            SupersededAt = At,
            Ledger = [Used with { Decision = Decision.Name, Planned = true }],
        },
    };

    /// <summary>Later: units come back, and a void may come before its sale.</summary>
    private static readonly Dictionary<string, object> WithUnits = new()
    {
        ["coupon-units"] = new CouponState
        {
            Use = Use with { LineUnits = 3 },
            Lost = [new(Decision, Use with { LineUnits = 3 })],
        },
        ["receipt-units"] = Changed<ReceiptState>(was => was with
        {
            Plan = was.Plan! with { Decision = Decision, Uses = [was.Plan.Uses[0] with { LineUnits = 3 }] },
            Returned = [new(1, 2), new(2, null)],
            Returns = ["000017"],
            Ledger = [Used with { Decision = Decision.Name, Planned = true }],
        }),
    };

    /// <summary>Later: a person can be erased.</summary>
    private static readonly Dictionary<string, object> WithErasures = new()
    {
        ["member-erasing"] = new MemberState
        {
            Erasing = new(At, "counter-1", ["100000001", "100000009"], [Account], At.AddMinutes(1)),
        },
        ["line-account-forgotten"] = new LineAccountState { ForgottenAt = At },
    };

    /// <summary>Later: campaigns have conditions, limits and lists, and a use says what it was counted in.</summary>
    private static readonly Dictionary<string, object> WithLimits = new()
    {
        ["campaign-limits"] = Changed<CampaignState>(was => was with
        {
            Definition = was.Definition! with
            {
                Discount = new(DiscountType.BuyNGetOne, 0, Units: 3),
                Conditions = new(
                    1000, SpendOn.Receipt, [DayOfWeek.Friday, DayOfWeek.Saturday], new(new(9, 0), new(13, 0)), new(["4901234567894"], ["490123"], ["1201"]),
                    "weekend"),
                Limits = new(
                    new(1000, 30_000), new(100, 5_000),
                    ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, [KeyValuePair.Create("0123", new Limit(200, null))]), new(300, 9_000)),
                IssuedToList = true,
            },
            List = new("20261122T011500-1a2b3c4d", 2),
        }),
        ["coupon-counted"] = new CouponState
        {
            Use = Use with { Counted = Counted.All | Counted.Store | Counted.Day },
            Lost = [new(Decision, To: null, IsSoldOut: true)],
            Ledger = [Used],
            Counts = [new("tofu", CountScope.All, 1, 30, 1000, 30_000)],
        },
        ["receipt-limits"] = Changed<ReceiptState>(was => was with
        {
            Plan = was.Plan! with
            {
                Uses = [was.Plan.Uses[0] with { Limits = new(new(1000, 30_000), new(200, 5_000), new(300, 9_000)) }],
                Refusals = Detailed,
            },
            Answer = was.Answer! with { Refusals = Detailed },
        }),
    };

    /// <summary>Refusals say on what yen are missing, and which limit was reached.</summary>
    private static readonly Dictionary<string, object> WithReasons = new()
    {
        ["receipt-reasons"] = Changed<ReceiptState>(was => was with
        {
            Plan = was.Plan! with { Refusals = Reasoned },
            Answer = was.Answer! with { Refusals = Reasoned },
        }),
    };

    /// <summary>Later: topics are turned off.</summary>
    private static readonly Dictionary<string, object> WithTopics = new()
    {
        ["line-account-topics"] = new LineAccountState
        {
            TopicsOff = [Topic.Store, Topic.Home, Topic.Notice],
            Outbox =
            [
                new(
                    new("7d444840-9dc0-41d1-b245-5ffdce74fad2"), Notice.Help, null, "b60d432864f44d079f6d8efe86cf404b", At,
                    Topics: new([Topic.Store, Topic.Home, Topic.Notice], Topic.Home)),
            ],
        },
    };

    /// <summary>Later: messages to many.</summary>
    private static readonly Dictionary<string, object> WithMessages = new()
    {
        ["message"] = new MessageState
        {
            Definition = Message,
            Status = MessageStatus.Paused,
            Changes = 7,
            Author = "suzuki",
            Submitted = new(Hash, "suzuki", At.AddHours(-2)),
            Approved = new(Hash, "tanaka", At.AddHours(-1)),
            LastApproved = Message,
            PausedFor = PauseReason.QuietHours,
            Plan = new("7d444840-9dc0-41d1-b245-5ffdce74fad2"),
            SendingSince = At,
            Ledger = [Used with { Decision = Decision.Name, Planned = true }],
        },
    };

    /// <summary>Later: messages that go out by themselves, and LINE's list of friends.</summary>
    private static readonly Dictionary<string, object> ByThemselves = new()
    {
        ["automatic-message"] = new AutomaticMessageState
        {
            Rule = new(new(10, 0), 3, Topic.Store, Content, 3_000),
            Author = "suzuki",
            On = new(Hash, "tanaka", At),
            Changes = 4,
            Ledger = [Used with { Decision = Decision.Name, Planned = true }],
        },
        ["friend-list"] = new FriendListState
        {
            List = new(FriendListStatus.Reading, "suzuki", At, At.AddMinutes(5), 1_200, 300),
            Next = "yANU9IA",
            Readings = 2,
            Ledger = [Used with { Decision = Decision.Name, Planned = true }],
        },
        ["line-account-asked"] = new LineAccountState
        {
            TopicsOn = [Topic.Saved],
            Outbox =
            [
                new(
                    new("7d444840-9dc0-41d1-b245-5ffdce74fad2"), Notice.Help, null, "b60d432864f44d079f6d8efe86cf404b", At,
                    Topics: new([Topic.Home], Topic.Saved, [Topic.Saved])),
            ],
        },
        ["message-saved"] = new MessageState
        {
            Definition = Saved,
            ApprovedFor = 12,
            LastApproved = Saved,
            Ledger = [Used with { Decision = Decision.Name, Planned = true }],
        },
    };

    /// <summary>Later: members of staff have accounts.</summary>
    private static readonly Dictionary<string, object> WithStaff = new()
    {
        ["staff"] = new StaffState
        {
            Account = new("suzuki", "鈴木", [StaffRole.StoreManager, StaffRole.Auditor], ["0123"]),
            Invitation = new(Hash, At.AddHours(24)),
            Password = new("AQAAAAIAAYagAAAAEA==", "CfDJ8A", 58_000_000),
            Passkeys = [new("q1Zy", "pQECAyYgASFY", 3, PasskeySync.Possible, "窓口のパソコン", At)],
            Sessions = [new(Hash, SignInMethod.Passkey, At, At.AddMinutes(5))],
            WrongTries = 5,
            LockedUntil = At.AddMinutes(1),
            RemovedAt = At.AddDays(-1),
            Changes = 4,
            Ledger = [Used with { Decision = Decision.Name, Planned = true }],
        },
        ["staff-directory"] = new StaffDirectoryState { Names = ["suzuki"], First = new(Hash, At.AddHours(24)) },
    };

    private static MessageDefinition Saved =>
        Message with { Topic = Topic.Saved, Audience = new(Linked: true, Saved: new(2026, 11, 22)) };

    private static MessageDefinition Message => new(
        "歳末", Topic.Store, MessageKind.Safety,
        new(Linked: true, [Business.Store, Business.HomeDelivery], ["0123"], new("tofu-2026-11", Used: false), At.AddDays(-30)),
        Content, Content,
        At.AddDays(1), TimeSpan.FromMinutes(15), 3_000);

    private static MessageContent Content => new(
        new("組合員の皆さまへ", new("見る", "https://coop.example/a")),
        new("https://pictures.coop.example/a.png", "豆腐", ["30円引", "今週だけ"], "豆腐 30円引", new("見る", "https://coop.example/a"), "tofu-2026-11"));

    private static ImmutableArray<Refusal> Reasoned =>
    [
        new("tofu", RefusalReason.BelowMinimum, MissingYen: 104, MissingOn: SpendOn.Items),
        new("tofu", RefusalReason.SoldOut, SoldOutIn: Counted.Store),
    ];

    private static ImmutableArray<Refusal> Detailed =>
    [
        new("tofu", RefusalReason.BelowMinimum, MissingYen: 104), new("tofu", RefusalReason.BelowMinimum, MissingUnits: 1),
        new("tofu", RefusalReason.NotToday, Weekdays: [DayOfWeek.Friday]),
        new("tofu", RefusalReason.NotNow, Hours: new(new(9, 0), new(13, 0))),
    ];

    public static readonly IReadOnlyDictionary<string, object> All = new Dictionary<string, object>(
        [.. First, .. WithDecisions, .. WithTraces, .. WithSecondThoughts, .. Shorter, .. WithUnits, .. WithErasures, .. WithLimits, .. WithReasons, .. WithTopics, .. WithMessages, .. ByThemselves, .. WithStaff]);

    /// <summary>Files whose states are written in another form since.</summary>
    public static readonly ImmutableArray<string> InAnotherForm =
        ["campaign-with-picture", "coupon", "coupon-decision", "coupon-lost", "coupon-superseded"];

    private static CouponUse Use => new(Receipt, null, Account, 2, At, 1, 30, 3, Decision);

    private static T Changed<T>(Func<T, T> change) => change(First.Values.OfType<T>().First());

    private static ImmutableArray<LedgerRow> Decided(ImmutableArray<LedgerRow> rows) =>
        [.. rows.Select(row => row with { Decision = Decision.Name })];

    private static LineAccountState Ordered(LineAccountState was) => was with
    {
        Errands = was.Errands.SetItem(0, was.Errands[0] with { OrderedBy = TraceParent }),
        Outbox = [was.Outbox[0] with { OrderedBy = TraceParent }],
        MenuOrderedBy = TraceParent,
    };
}
