namespace CoopLine.Grains.Storage;

/// <summary>
/// States as they are on disk at this moment, for callers who only want to look: no grain is woken, and what another
/// activation of the grain has written is seen.
/// </summary>
public interface IStateReader
{
    /// <param name="stateName">One of <see cref="StateNames"/>.</param>
    /// <param name="key">The grain's string key.</param>
    /// <returns>State null when nothing was written, or when it was cleared; version 0 when there is no row.</returns>
    Task<Stored<TState>> Read<TState>(string stateName, string key)
        where TState : class;
}

/// <param name="Version">The row's version: every write raises it.</param>
public readonly record struct Stored<TState>(TState? State, int Version)
    where TState : class;
