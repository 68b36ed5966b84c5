namespace CoopLine.Load;

/// <summary>Signed webhook calls.</summary>
internal static class Postbacks
{
    public const string ChannelSecret = "5f1c0e9ab7d24c6e8a13f0d94b62e7c1";
}
