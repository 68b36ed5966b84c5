using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;
using Microsoft.Extensions.Options;

namespace CoopLine.Grains.Messages;

[GrainType("automatic-message")]
internal sealed class AutomaticMessageGrain(
    [PersistentState(StateNames.AutomaticMessage, StateNames.Storage)] IPersistentState<AutomaticMessageState> stored,
    ICampaignReader campaigns, IOptions<CoopOptions> coop, CoopTime time, QuietHours quiet, TimeProvider clock)
    : StateGrain<AutomaticMessageState>(stored), IAutomaticMessageGrain
{
    private AutomaticReason Reason => EnumNames.Read<AutomaticReason>(this.Id());

    public async Task<AutomaticOutcome> Define(AutomaticRule rule, string staff)
    {
        await ReadAgain();
        if (State.Rule == rule) return Done();
        if (quiet.Are(time.At(time.DayOf(clock.GetUtcNow()), rule.At))) return new AutomaticOutcome.AtNight();
        return await Change(LedgerKind.MessageDefined, staff, State with { Rule = rule, Author = staff, On = null });
    }

    public async Task<AutomaticOutcome> TurnOn(string hash, string staff)
    {
        await ReadAgain();
        if (State.Rule is not { } rule) return new AutomaticOutcome.Unknown();
        if (hash != Review.HashOf(rule)) return new AutomaticOutcome.Changed(Now());
        if (State.On is not null) return Done();
        if (staff == State.Author) return new AutomaticOutcome.OwnWork();
        return await Change(LedgerKind.MessageApproved, staff, State with { On = new(hash, staff, clock.GetUtcNow()) });
    }

    public async Task<AutomaticOutcome> TurnOff(string staff)
    {
        await ReadAgain();
        if (State.Rule is null) return new AutomaticOutcome.Unknown();
        return State.On is null ? Done() : await Change(LedgerKind.MessageStopped, staff, State with { On = null });
    }

    public async Task<AutomaticMessage?> Read()
    {
        await ReadAgain();
        return State.Rule is null ? null : Now();
    }

    public async Task Finish()
    {
        await ReadAgain();
        if (State is not { Rule: { } rule, On: { } approved }) return;
        if (Reason == AutomaticReason.Saved && !coop.Value.TellsSavings) return;
        var now = clock.GetUtcNow();
        var today = time.DayOf(now);
        var due = time.At(today, rule.At);
        if (now < due || due < approved.At) return;
        // As long as the day lasts: after an outage staff are asked whether it still goes, as with any message that is late.
        foreach (var (id, definition) in AutomaticMessages.On(today, Reason, rule, await campaigns.All(), time))
            await GrainFactory.Message(id).Announce(definition, approved);
    }

    private AutomaticOutcome.Done Done() => new(Now());

    private AutomaticMessage Now() => new(State.Rule!, Review.HashOf(State.Rule!), State.Author!, State.On);

    private async Task<AutomaticOutcome> Change(LedgerKind kind, string staff, AutomaticMessageState next)
    {
        var change = State.Changes + 1;
        var rule = LedgerRow.OfAutomaticMessage + this.Id();
        await Save(next with { Changes = change, Ledger = [LedgerRow.OfChange(kind, $"{rule}|{change}", rule, clock.GetUtcNow(), staff)] });
        return Done();
    }
}
