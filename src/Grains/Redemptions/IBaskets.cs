namespace CoopLine.Grains.Redemptions;

/// <summary>What tills have asked lately, kept for rehearsing campaigns, if the co-op wants that.</summary>
public interface IBaskets
{
    /// <summary>
    /// Keeps it within a second or two, if baskets are recorded. Nobody waits for that, and no till's call fails with it: what comes too
    /// fast, or cannot be written, is not kept.
    /// </summary>
    void Record(Purchase purchase, Facts facts);

    /// <returns>Those that are kept, oldest first.</returns>
    IAsyncEnumerable<Basket> Recorded(CancellationToken cancellation = default);
}
