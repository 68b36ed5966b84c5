namespace CoopLine.Grains.Registry;

/// <summary>
/// What the registry's file, its table and the staff's calls call a service. The states of campaigns have the enum's own words.
/// </summary>
public static class BusinessNames
{
    /// <summary>All of them: a regular expression without anchors.</summary>
    public const string Shape = $"{Store}|{Home}|{Group}";

    private const string Store = "store";
    private const string Home = "home";
    private const string Group = "group";

    /// <returns>Null when no service is called so.</returns>
    public static Business? Read(string name) => name switch
    {
        Store => Business.Store,
        Home => Business.HomeDelivery,
        Group => Business.GroupBuying,
        _ => null,
    };

    public static string Write(Business business) => business switch
    {
        Business.Store => Store,
        Business.HomeDelivery => Home,
        Business.GroupBuying => Group,
        _ => throw new ArgumentOutOfRangeException(nameof(business)),
    };
}
