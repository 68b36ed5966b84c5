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

    /// <summary>All that the campaign gives away, in all, in this store or today, is given away.</summary>
    SoldOut,

    /// <summary>Too little was bought: yen, or units.</summary>
    BelowMinimum,

    /// <summary>Not on this weekday.</summary>
    NotToday,

    /// <summary>Not at this hour.</summary>
    NotNow,

    /// <summary>The items on the receipt are among those that it is not for.</summary>
    ExcludedItem,

    /// <summary>Another coupon of its group was used on the receipt.</summary>
    Exclusive,

    /// <summary>It is for members on a list, and this one is not on it.</summary>
    NotIssued,
}
