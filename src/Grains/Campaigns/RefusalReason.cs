namespace CoopLine.Grains.Campaigns;

/// <summary>Why a coupon is not taken at the register. The till reads the names in camel case.</summary>
[GenerateSerializer, Alias("coopline.refusal-reason")]
public enum RefusalReason
{
    CodeUnknown,
    CodeExpired,
    NotLinked,
    NotInAudience,
    NotStarted,
    Ended,
    Stopped,
    StoreNotEligible,
    NoEligibleItem,
    MarkedDown,
    AlreadyUsed,
}
