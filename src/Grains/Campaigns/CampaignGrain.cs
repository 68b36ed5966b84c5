using System.Text.Json;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;

namespace CoopLine.Grains.Campaigns;

[GrainType("campaign")]
internal sealed class CampaignGrain(
    [PersistentState(StateNames.Campaign, StateNames.Storage)] IPersistentState<CampaignState> campaign,
    ILedger ledger, CampaignCache cache, TimeProvider clock) : StateGrain<CampaignState>(campaign), ICampaignGrain
{
    private string CampaignId => this.Id();

    public async Task<CampaignOutcome> Define(CampaignDefinition definition, string staff)
    {
        await ReadAgain(); // Nothing here happens often, and another activation may have written.
        if (State.AsCampaign(CampaignId) is { } now)
        {
            if (now.Definition == definition) return new CampaignOutcome.Done(now);
            if (now.Status != CampaignStatus.Draft && !now.Definition.MayLimit(definition)) return new CampaignOutcome.LimitsSink(now);
            if (!now.Definition.MayBecome(definition) && await ledger.EverUsed(CampaignId)) return new CampaignOutcome.Frozen(now);
        }

        return await Change(
            State with { Version = State.Version + 1, Definition = definition }, LedgerKind.CampaignDefined, staff);
    }

    public Task<CampaignOutcome> Publish(string staff) =>
        Switch(CampaignStatus.Published, stoppedAt: null, LedgerKind.CampaignPublished, staff);

    public Task<CampaignOutcome> Stop(string staff) =>
        Switch(CampaignStatus.Stopped, clock.GetUtcNow(), LedgerKind.CampaignStopped, staff);

    public async Task<CampaignOutcome> IssueTo(MemberList list, string staff)
    {
        await ReadAgain();
        return State.Definition is null
            ? new CampaignOutcome.Unknown()
            : await Change(State with { List = list }, LedgerKind.CampaignIssued, staff);
    }

    public async Task<Campaign?> Read()
    {
        await ReadAgain();
        return State.AsCampaign(CampaignId);
    }

    private async Task<CampaignOutcome> Switch(CampaignStatus status, DateTimeOffset? stoppedAt, LedgerKind kind, string staff)
    {
        await ReadAgain();
        if (State.AsCampaign(CampaignId) is not { } now) return new CampaignOutcome.Unknown();
        if (now.Status == status) return new CampaignOutcome.Done(now);
        return await Change(State with { Status = status, StoppedAt = stoppedAt }, kind, staff);
    }

    private async Task<CampaignOutcome> Change(CampaignState next, LedgerKind kind, string staff)
    {
        var change = State.Changes + 1;
        var saving = Save(next with
        {
            Changes = change,
            Ledger =
            [
                LedgerRow.OfChange(kind, $"{CampaignId}|{next.Version}|{change}", CampaignId, clock.GetUtcNow(), staff) with
                {
                    Version = next.Version,
                    Answer = kind == LedgerKind.CampaignDefined ? JsonSerializer.Serialize(next.Definition, StateJson.Options) : null,
                },
            ],
        });
        try
        {
            await saving;
        }
        finally
        {
            cache.Forget(); // What failed may be on disk all the same.
        }

        return new CampaignOutcome.Done(State.AsCampaign(CampaignId)!);
    }
}
