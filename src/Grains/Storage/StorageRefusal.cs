using CoopLine.Grains.Ledger;

namespace CoopLine.Grains.Storage;

/// <summary>
/// What the database refuses by itself, whatever the grains believe. In the grain that wrote, it arrives as an exception
/// that says so in words, inside whatever the storage provider wraps around it. Grains that called that one may get the
/// exception without the words: not every driver's exception keeps them on the way.
/// </summary>
public static class StorageRefusal
{
    /// <summary>
    /// A use was to be filed for a receipt that has uses of another request, or of another decision on the same request.
    /// The words stay: older versions, which may share the database, know them.
    /// </summary>
    public const string ReceiptHasAnotherRequest = "coopline: receipt has another request";

    /// <summary>A use would have passed one of its campaign's limits (<see cref="CountChange"/>).</summary>
    public const string LimitReached = "coopline: limit reached";

    /// <summary>Whether a failed write was refused for <see cref="ReceiptHasAnotherRequest"/>; nothing of it was stored.</summary>
    public static bool IsReceiptOfAnotherRequest(Exception failure) => Says(failure, ReceiptHasAnotherRequest);

    /// <summary>Whether a failed write was refused for <see cref="LimitReached"/>; nothing of it was stored.</summary>
    public static bool IsLimitReached(Exception failure) => Says(failure, LimitReached);

    private static bool Says(Exception failure, string words)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause.Message.Contains(words, StringComparison.Ordinal)) return true;
        }

        return false;
    }
}
