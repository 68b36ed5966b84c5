namespace CoopLine.Grains.Registry;

/// <summary>A service of the co-op that a member uses.</summary>
[GenerateSerializer, Alias("coopline.business")]
public enum Business
{
    /// <summary>店舗</summary>
    Store,

    /// <summary>個配</summary>
    HomeDelivery,

    /// <summary>共同購入</summary>
    GroupBuying,
}
