namespace CoopLine.Simulator;

/// <summary>
/// What the simulator is told at start. Every secret has a made-up default, so that a demo needs none.
/// </summary>
public sealed record LineSimulatorOptions
{
    /// <summary>
    /// Where the simulator listens. Port 0 picks a free one: see <see cref="LineSimulator.BaseAddress"/>.
    /// </summary>
    public string Url { get; init; } = "http://127.0.0.1:0";

    /// <summary>CoopLine's public address: pages, till API and, unless set apart, the webhook.</summary>
    public Uri? CoopLineUrl { get; init; }

    /// <summary>Default: <c>/line/webhook</c> at <see cref="CoopLineUrl"/>.</summary>
    public Uri? WebhookUrl { get; init; }

    /// <summary>Secret of the messaging channel: signs webhooks, and buys stateless channel tokens.</summary>
    public string ChannelSecret { get; init; } = "5f1c0e9ab7d24c6e8a13f0d94b62e7c1";

    /// <summary>The long-lived channel access token.</summary>
    public string ChannelAccessToken { get; init; } = "simulated-channel-access-token";

    /// <summary>Id of the messaging channel, ten digits.</summary>
    public string ChannelId { get; init; } = "2000000001";

    /// <summary>Id of the login channel: the audience of the id tokens that LIFF pages get.</summary>
    public string LoginChannelId { get; init; } = "2000000002";

    public string LiffId { get; init; } = "2000000002-CoopDemo";

    /// <summary>The account's name, at the top of the chat.</summary>
    public string AccountName { get; init; } = "コープさくら";

    /// <summary>The account's own user id: the <c>destination</c> of every webhook.</summary>
    public string BotUserId { get; init; } = "U00000000000000000000000000c00b01";

    /// <summary>Store number to the key its tills use.</summary>
    public IReadOnlyDictionary<string, string> PosKeys { get; init; } = new Dictionary<string, string>();

    /// <summary>Key for CoopLine's staff API; the demo data is filed with it.</summary>
    public string? StaffKey { get; init; }

    /// <summary>Another key for it: who writes a message to many does not approve it.</summary>
    public string? ApproverKey { get; init; }

    /// <summary>Where friends and messages to many are kept for a process after this one; null: nowhere.</summary>
    public string? MemoryFile { get; init; }

    /// <summary>Whether the account has its two menus at the start, without pictures. Default true.</summary>
    public bool HasMenus { get; init; } = true;

    /// <summary>Default: <c>ASPNETCORE_ENVIRONMENT</c>, then <c>DOTNET_ENVIRONMENT</c>.</summary>
    public string? EnvironmentName { get; init; }
}
