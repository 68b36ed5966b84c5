using Orleans.Storage;

namespace CoopLine.Webhook.Edge;

/// <summary>
/// Repeats a grain call once when its write met a newer state: the grain has forgotten its memory and decides anew.
/// Nothing of the first call was carried out, so this is safe for calls that must not be made twice.
/// </summary>
internal static class OnConflict
{
    public static async Task<T> Repeat<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (InconsistentStateException)
        {
            Telemetry.Conflicts.Add(1);
            return await call();
        }
    }

    public static Task Repeat(Func<Task> call) => Repeat(async () =>
    {
        await call();
        return true;
    });
}
