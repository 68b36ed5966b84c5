using System.Collections.Immutable;
using System.Text.Json.Serialization;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;

namespace CoopLine.Grains.Staff;

/// <summary>The names that there are accounts of, and the link to the very first one. One grain: <c>g-staff</c>.</summary>
[Alias("coopline.staff-directory-grain")]
public interface IStaffDirectoryGrain : IGrainWithStringKey
{
    /// <summary>Of each account, in the order in which they came.</summary>
    [Alias("names")]
    Task<ImmutableArray<string>> Names();

    /// <inheritdoc cref="IStaffGrain.Invite"/>
    [Alias("invite")]
    Task<InviteOutcome> Invite(StaffProfile profile, string tokenHash, string by);

    /// <inheritdoc cref="IStaffGrain.Remove"/>
    [Alias("remove")]
    Task<StaffChange> Remove(string name, string by);

    /// <summary>A link for the first account; it takes the place of an earlier one.</summary>
    /// <returns>False: somebody can sign in already, or another process has a new link.</returns>
    [Alias("offer-first")]
    Task<bool> OfferFirst(string tokenHash);

    [Alias("is-first")]
    Task<bool> IsFirst(string tokenHash);

    /// <summary>Makes the first account, with this way in. The same again, after a crash, makes what is missing.</summary>
    /// <returns>False: the link is void, used or too old.</returns>
    [Alias("join-first")]
    Task<bool> JoinFirst(string tokenHash, StaffProfile profile, StaffWay way);
}

[GenerateSerializer, Alias("coopline.invite-outcome")]
public enum InviteOutcome
{
    Done,
    Taken,
    TooMany,
}

public sealed record StaffDirectoryState
{
    public const int NamesMax = 1_000;

    public ImmutableArray<string> Names { get; init; } = [];

    /// <summary>The link to the first account.</summary>
    public StaffInvitation? First { get; init; }

    [JsonIgnore]
    public bool IsFull => Names.Length >= NamesMax;

    public StaffDirectoryState With(string name) =>
        IsFull || Names.Contains(name, StringComparer.OrdinalIgnoreCase) ? this : this with { Names = Names.Add(name) };

    public StaffDirectoryState Without(string name) =>
        this with { Names = Names.RemoveAll(one => string.Equals(one, name, StringComparison.OrdinalIgnoreCase)) };
}

[GrainType("staff-directory")]
internal sealed class StaffDirectoryGrain(
    [PersistentState(StateNames.StaffDirectory, StateNames.Storage)] IPersistentState<StaffDirectoryState> stored, TimeProvider clock)
    : StateGrain<StaffDirectoryState>(stored), IStaffDirectoryGrain
{
    /// <summary>Processes that start together come within this time.</summary>
    private static readonly TimeSpan Together = TimeSpan.FromSeconds(30);

    private DateTimeOffset Now => clock.GetUtcNow();

    public async Task<ImmutableArray<string>> Names()
    {
        await ReadAgain();
        return State.Names;
    }

    public async Task<InviteOutcome> Invite(StaffProfile profile, string tokenHash, string by)
    {
        await ReadAgain();
        if (State.IsFull) return InviteOutcome.TooMany;
        // The name first: an account that is in no list could never be removed.
        await Save(State.With(profile.Name));
        return await GrainFactory.Staff(profile.Name).Invite(profile, tokenHash, by) ? InviteOutcome.Done : InviteOutcome.Taken;
    }

    public async Task<StaffChange> Remove(string name, string by)
    {
        await ReadAgain();
        var outcome = await GrainFactory.Staff(name).Remove(by);
        if (outcome != StaffChange.Oneself) await Save(State.Without(name));
        return outcome;
    }

    public async Task<bool> OfferFirst(string tokenHash)
    {
        await ReadAgain();
        if (Now < State.First?.Until - StaffInvitation.Life + Together || await HasAccounts()) return false;
        await Save(State with { First = new(tokenHash, Now + StaffInvitation.Life) });
        return true;
    }

    public async Task<bool> IsFirst(string tokenHash)
    {
        await ReadAgain();
        return State.First?.Is(tokenHash, Now) == true && !await HasAccounts();
    }

    public async Task<bool> JoinFirst(string tokenHash, StaffProfile profile, StaffWay way)
    {
        if (!await IsFirst(tokenHash)) return false;
        await Save(State.With(profile.Name));
        var account = GrainFactory.Staff(profile.Name);
        if (!await account.Invite(profile, tokenHash, Actors.Service))
        {
            // Begun before, and broken off.
            await account.Change(profile, Actors.Service);
            await account.InviteAgain(tokenHash, Actors.Service);
        }

        var joined = await account.Join(tokenHash, way);
        await Save(State with { First = null });
        return joined;
    }

    /// <summary>Whether anybody could sign in.</summary>
    private async Task<bool> HasAccounts()
    {
        foreach (var name in State.Names)
            if ((await GrainFactory.Staff(name).Read()).HasWayIn) return true;
        return false;
    }
}
