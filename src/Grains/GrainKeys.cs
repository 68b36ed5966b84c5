using System.Reflection;
using CoopLine.Grains.Accounts;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Linking;
using CoopLine.Grains.Members;
using CoopLine.Grains.Messages;
using CoopLine.Grains.Redemptions;
using CoopLine.Grains.Staff;
using CoopLine.Grains.Storage;
using CoopLine.Grains.Tracing;

namespace CoopLine.Grains;

/// <summary>
/// The one place where grain keys are made. Each starts with a letter that is no hexadecimal digit: AdoNet storage
/// folds keys that look like numbers or GUIDs together (dotnet/orleans#9706).
/// </summary>
public static class GrainKeys
{
    extension(IGrainFactory grains)
    {
        public ILineAccountGrain Account(string lineUserId) => grains.Get<ILineAccountGrain>("line-account", AccountKey(lineUserId));

        public ILinkSessionGrain Session(string id) => grains.Get<ILinkSessionGrain>("link-session", "s-" + id);

        public IMemberGrain Member(string number) => grains.Get<IMemberGrain>("member", MemberKey(number));

        public ICampaignGrain Campaign(string id) => grains.Get<ICampaignGrain>("campaign", CampaignKey(id));

        public ICouponGrain Coupon(string campaign, string member) => grains.Get<ICouponGrain>("coupon", CouponKey(campaign, member));

        public ICouponCodeGrain CouponCode(string digits) => grains.Get<ICouponCodeGrain>("coupon-code", CouponCodeKey(digits));

        public IReceiptGrain Receipt(ReceiptKey receipt) => grains.Get<IReceiptGrain>("receipt", ReceiptKey(receipt.ToString()));

        public IMessageGrain Message(string id) => grains.Get<IMessageGrain>("message", "n-" + id);

        public IAutomaticMessageGrain AutomaticMessage(AutomaticReason reason) =>
            grains.Get<IAutomaticMessageGrain>("automatic-message", "v-" + EnumNames.Of(reason));

        internal IMessageSenderGrain MessageSender(string id) => grains.Get<IMessageSenderGrain>("message-sender", "n-" + id);

        internal ILinePaceGrain LinePace => grains.Get<ILinePaceGrain>("line-pace", "l-pace");

        public IFriendListGrain FriendList => grains.Get<IFriendListGrain>("friend-list", "h-friends");

        public IStaffGrain Staff(string name) => grains.Get<IStaffGrain>("staff", "w-" + name.ToLowerInvariant());

        public IStaffDirectoryGrain StaffDirectory => grains.Get<IStaffDirectoryGrain>("staff-directory", "g-staff");

        public ILinkDeskGrain LinkDesk => grains.GetGrain<ILinkDeskGrain>(0);

        public ICouponDeskGrain CouponDesk => grains.GetGrain<ICouponDeskGrain>(0);

        internal IRecentSpansGrain RecentSpans(SiloAddress silo) =>
            grains.GetGrain<IRecentSpansGrain>("t-" + silo.ToParsableString());

        internal IRecentCodesGrain RecentCodes(SiloAddress silo) =>
            grains.GetGrain<IRecentCodesGrain>("j-" + silo.ToParsableString());

        internal IRecentAnswersGrain RecentAnswers(SiloAddress silo) =>
            grains.GetGrain<IRecentAnswersGrain>("y-" + silo.ToParsableString());

        public ISweeperGrain Sweeper => grains.GetGrain<ISweeperGrain>("z-sweeper");

        /// <param name="type">The name in the class's <see cref="GrainTypeAttribute"/>.</param>
        /// <remarks>By their names: Orleans would look for them among the attributes of the interface at each call.</remarks>
        private TGrain Get<TGrain>(string type, string key)
            where TGrain : IGrainWithStringKey =>
            (TGrain)grains.GetGrain(GrainId.Create(type, key), Named<TGrain>.Interface);
    }

    public static async Task<LineAccountState?> Account(this IStateReader states, string lineUserId) =>
        (await states.Read<LineAccountState>(StateNames.LineAccount, AccountKey(lineUserId))).State;

    public static Task<Stored<MemberState>> Member(this IStateReader states, string number) =>
        states.Read<MemberState>(StateNames.Member, MemberKey(number));

    public static async Task<CouponState?> Coupon(this IStateReader states, string campaign, string member) =>
        (await states.Read<CouponState>(StateNames.Coupon, CouponKey(campaign, member))).State;

    public static async Task<CampaignState?> Campaign(this IStateReader states, string id) =>
        (await states.Read<CampaignState>(StateNames.Campaign, CampaignKey(id))).State;

    public static async Task<CouponCodeState?> CouponCode(this IStateReader states, string digits) =>
        (await states.Read<CouponCodeState>(StateNames.CouponCode, CouponCodeKey(digits))).State;

    /// <summary>Whether AdoNet storage keeps a key apart from all others.</summary>
    public static bool IsSafe(string key) => key is [>= 'g' and <= 'z', '-', ..];

    /// <summary>The key without its letter.</summary>
    public static string Id(this IGrainWithStringKey grain) => grain.GetPrimaryKeyString()[2..];

    /// <summary>What <see cref="CouponKey"/> put together.</summary>
    public static (string Campaign, string Member) Parts(this ICouponGrain coupon) =>
        coupon.Id().Split('/') is [var campaign, var member]
            ? (campaign, member)
            : throw new InvalidOperationException("The key of this grain is not a coupon's.");

    public static string AccountKey(string lineUserId) => "u-" + lineUserId;

    public static string MemberKey(string number) => "m-" + number;

    internal static string CampaignKey(string id) => "p-" + id;

    public static string CouponKey(string campaign, string member) => $"k-{campaign}/{member}";

    public static string ReceiptKey(string receipt) => "r-" + receipt;

    private static string CouponCodeKey(string digits) => "q-" + digits;

    private static class Named<TGrain>
    {
        public static readonly GrainInterfaceType Interface =
            GrainInterfaceType.Create(typeof(TGrain).GetCustomAttribute<AliasAttribute>()!.Alias);
    }
}
