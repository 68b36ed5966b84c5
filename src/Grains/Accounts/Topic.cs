namespace CoopLine.Grains.Accounts;

/// <summary>What messages of the co-op are about. A friend can turn each one off without blocking the account.</summary>
[GenerateSerializer, Alias("coopline.topic")]
public enum Topic
{
    /// <summary>店舗</summary>
    Store,

    /// <summary>個配・共同購入</summary>
    Home,

    /// <summary>お知らせ</summary>
    Notice,

    /// <summary>What the coupons of a day have saved. Only for whoever has turned it on.</summary>
    Saved,
}

/// <summary>What buttons and the coupon page's calls call a topic. Buttons stay on phones for years: a name never changes.</summary>
public static class TopicNames
{
    private const string Store = "store";
    private const string Home = "home";
    private const string Notice = "notice";
    private const string Saved = "saved";

    /// <summary>Whether it is off until the friend turns it on.</summary>
    public static bool MustBeWanted(Topic topic) => topic == Topic.Saved;

    /// <summary>The topics that friends can turn on and off.</summary>
    public static IEnumerable<Topic> Offered(CoopOptions coop) =>
        Enum.GetValues<Topic>().Where(topic => topic != Topic.Saved || coop.TellsSavings);

    /// <returns>Null when no topic is called so.</returns>
    public static Topic? Read(string name) => name switch
    {
        Store => Topic.Store,
        Home => Topic.Home,
        Notice => Topic.Notice,
        Saved => Topic.Saved,
        _ => null,
    };

    public static string Write(Topic topic) => topic switch
    {
        Topic.Store => Store,
        Topic.Home => Home,
        Topic.Notice => Notice,
        Topic.Saved => Saved,
        _ => throw new ArgumentOutOfRangeException(nameof(topic)),
    };
}
