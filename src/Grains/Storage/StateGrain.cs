using System.Globalization;
using Orleans.Storage;

namespace CoopLine.Grains.Storage;

/// <summary>A grain with one immutable state that is replaced whole.</summary>
internal abstract class StateGrain<TState>(IPersistentState<TState> stored) : Grain
    where TState : class
{
    protected TState State => stored.State;

    /// <summary>Of the row that the state was last read from or written to; 0 when there is none.</summary>
    protected int Version => int.TryParse(stored.Etag, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;

    /// <summary>
    /// Writes the next state; when this returns, it is on disk, and its ledger rows are filed. If the write fails, nobody
    /// knows what is on disk: the grain takes its old state back, and the next call goes to a new activation that reads again.
    /// </summary>
    protected async Task Save(TState next)
    {
        try
        {
            await Write(next);
        }
        catch (InconsistentStateException)
        {
            DeactivateOnIdle();
            throw;
        }
    }

    /// <summary>As <see cref="Save"/>, for a grain that reads and decides again when something else than expected is on disk.</summary>
    /// <returns>Whether it was written. If not, nothing was.</returns>
    protected async Task<bool> TrySave(TState next)
    {
        try
        {
            await Write(next);
            return true;
        }
        catch (InconsistentStateException)
        {
            return false;
        }
    }

    /// <summary>
    /// What a rule decides is on disk when this returns. A decision that changes nothing — a refusal, a "done already" — is
    /// made from a fresh read: another activation of this grain may have written since this one last read, and only a
    /// write would find that out.
    /// </summary>
    protected async Task<TOutcome> Decide<TOutcome>(Func<TState, (TState Next, TOutcome Outcome)> rule)
    {
        var isFresh = stored is LateState<TState> { IsKnown: false };
        if (isFresh) await ReadAgain();
        var (next, outcome) = rule(State);
        if (!isFresh && ReferenceEquals(next, State))
        {
            await ReadAgain();
            (next, outcome) = rule(State);
        }

        await Save(next);
        return outcome;
    }

    /// <inheritdoc cref="Decide{TOutcome}"/>
    protected Task Decide(Func<TState, TState> rule) => Decide(state => (rule(state), true));

    /// <summary>Reads again: something elsewhere shows that another activation of this grain has written.</summary>
    protected Task ReadAgain() => stored.ReadStateAsync();

    private async Task Write(TState next)
    {
        var before = stored.State;
        if (ReferenceEquals(next, before)) return;
        stored.State = next;
        try
        {
            await stored.WriteStateAsync();
            if (next is StateWithLedger changed) stored.State = (TState)(object)changed.Written();
        }
        catch (Exception e)
        {
            stored.State = before;
            if (e is not InconsistentStateException) DeactivateOnIdle(); // In a conflict, nothing was written.
            throw;
        }
    }
}
