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

    /// <summary>Whether a failed write was refused for <see cref="ReceiptHasAnotherRequest"/>; nothing of it was stored.</summary>
    public static bool IsReceiptOfAnotherRequest(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause.Message.Contains(ReceiptHasAnotherRequest, StringComparison.Ordinal)) return true;
        }

        return false;
    }
}
