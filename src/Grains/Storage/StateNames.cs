namespace CoopLine.Grains.Storage;

/// <summary>
/// Names of the persistent states. AdoNet storage knows a row by state name and key and not by grain type, so each
/// name belongs to one grain class, and every key starts with a letter that no hexadecimal number has.
/// </summary>
public static class StateNames
{
    /// <summary>The name of the storage provider.</summary>
    public const string Storage = "coopline";

    public const string LineAccount = "line-account";
    public const string LinkSession = "link-session";
    public const string Member = "member";
    public const string Campaign = "campaign";
    public const string Coupon = "coupon";
    public const string CouponCode = "coupon-code";
    public const string Receipt = "receipt";
    public const string Message = "message";
    public const string AutomaticMessage = "automatic-message";
    public const string FriendList = "friend-list";
    public const string Staff = "staff";
    public const string StaffDirectory = "staff-directory";
}
