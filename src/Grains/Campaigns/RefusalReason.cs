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

    /// <summary>No item on the receipt is meant.</summary>
    NoEligibleItem,
    MarkedDown,
    AlreadyUsed,

    /// <summary>The digits are no code: the check digit does not fit.</summary>
    CodeMistyped,

    /// <summary>It would take no yen off the items that are meant.</summary>
    NoSaving,

    /// <summary>Other coupons of the code have taken the units.</summary>
    TakenByAnother,
}
