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
        if (State.AsCampaign(CampaignId) is { } now)
        {
            if (now.Definition == definition) return new CampaignOutcome.Done(now);
            if (await ledger.EverUsed(CampaignId)) return new CampaignOutcome.Frozen(now);
        }

        return await Change(
            State with { Version = State.Version + 1, Definition = definition }, LedgerKind.CampaignDefined, staff);
    }

    public async Task<CampaignOutcome> Publish(string staff) => State switch
    {
        { Definition: null } => new CampaignOutcome.Unknown(),
        { Status: CampaignStatus.Published } => new CampaignOutcome.Done(State.AsCampaign(CampaignId)!),
        _ => await Change(
            State with { Status = CampaignStatus.Published, StoppedAt = null }, LedgerKind.CampaignPublished, staff),
    };

    public async Task<CampaignOutcome> Stop(string staff) => State switch
    {
        { Definition: null } => new CampaignOutcome.Unknown(),
        { Status: CampaignStatus.Stopped } => new CampaignOutcome.Done(State.AsCampaign(CampaignId)!),
        _ => await Change(
            State with { Status = CampaignStatus.Stopped, StoppedAt = clock.GetUtcNow() }, LedgerKind.CampaignStopped, staff),
    };

    public Task<Campaign?> Read() => Task.FromResult(State.AsCampaign(CampaignId));

    private async Task<CampaignOutcome> Change(CampaignState next, LedgerKind kind, string staff)
    {
        var change = State.Changes + 1;
        await Save(next with
        {
            Changes = change,
            Ledger =
            [
                new()
                {
                    Id = $"{kind}|{CampaignId}|{next.Version}|{change}",
                    Kind = kind,
                    At = clock.GetUtcNow(),
                    Campaign = CampaignId,
                    Version = next.Version,
                    Actor = staff,
                    TraceId = Telemetry.TraceId,
                },
            ],
        });
        cache.Forget();
        return new CampaignOutcome.Done(State.AsCampaign(CampaignId)!);
    }
}
