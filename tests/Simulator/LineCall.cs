namespace CoopLine.Simulator;

/// <summary>LINE's endpoints by the name of what they do.</summary>
public enum LineCall
{
    /// <summary>In <see cref="Trouble"/>: every endpoint. Never the name of a recorded call.</summary>
    Any,
    Reply,
    Push,
    Multicast,
    Validate,
    LinkToken,
    Profile,
    LinkRichMenu,
    UnlinkRichMenu,
    RichMenuOfUser,
    DefaultRichMenu,
    RichMenus,
    RichMenuImage,
    RichMenuAlias,
    RichMenuBatch,
    ChannelToken,
    VerifyIdToken,
    Certs,
    BotInfo,
    Quota,
    Consumption,
    FollowerIds,
    AggregationUnits,
    Insight,
    /// <summary>A path that the simulator does not know; answered 404.</summary>
    Unknown,
}
