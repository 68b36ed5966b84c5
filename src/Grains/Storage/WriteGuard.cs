namespace CoopLine.Grains.Storage;

/// <param name="IsThere">Whether the storage looks at a <see cref="Reliance"/>. Orleans' own provider does not.</param>
public sealed record WriteGuard(bool IsThere);
