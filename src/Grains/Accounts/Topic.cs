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
}

/// <summary>What buttons and the coupon page's calls call a topic. Buttons stay on phones for years: a name never changes.</summary>
public static class TopicNames
{
    private const string Store = "store";
    private const string Home = "home";
    private const string Notice = "notice";

    /// <returns>Null when no topic is called so.</returns>
    public static Topic? Read(string name) => name switch
    {
        Store => Topic.Store,
        Home => Topic.Home,
        Notice => Topic.Notice,
        _ => null,
    };

    public static string Write(Topic topic) => topic switch
    {
        Topic.Store => Store,
        Topic.Home => Home,
        Topic.Notice => Notice,
        _ => throw new ArgumentOutOfRangeException(nameof(topic)),
    };
}
