namespace CoopLine.Grains.Line;

/// <summary>
/// Which menu linked members are shown, as LINE's alias last said. It is kept for a short time only: whoever replaces the
/// menu waits that long before deleting the old one, so that no process hands out a menu that is gone.
/// </summary>
public sealed class LinkedMenu(TimeProvider clock)
{
    /// <summary>Counted from before LINE was asked.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    private (string Id, DateTimeOffset Until)? told;

    internal string? Id => told is { } known && clock.GetUtcNow() < known.Until ? known.Id : null;

    internal void Forget() => told = null;

    /// <param name="ask">Asks LINE for the alias's menu.</param>
    internal async Task<string?> Find(Func<Task<string?>> ask)
    {
        var until = clock.GetUtcNow() + Kept;
        if (await ask() is not { } id) return null;
        told = (id, until);
        return id;
    }
}
