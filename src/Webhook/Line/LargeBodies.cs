namespace CoopLine.Webhook.Line;

/// <summary>
/// How many large bodies may be in memory at the same moment. Anybody can send them: whether one is LINE's is known only when it has
/// been read whole.
/// </summary>
internal sealed class LargeBodies : IDisposable
{
    public const int AtOnce = 16;

    private readonly SemaphoreSlim rooms = new(AtOnce);

    /// <summary>Dispose of it when the body is gone.</summary>
    public Taken Room() => new(rooms);

    public void Dispose() => rooms.Dispose();

    internal sealed class Taken(SemaphoreSlim rooms) : IDisposable
    {
        private bool isTaken;

        /// <returns>False: there is none left.</returns>
        public bool Take() => isTaken = rooms.Wait(0);

        public void Dispose()
        {
            if (isTaken) rooms.Release();
        }
    }
}
