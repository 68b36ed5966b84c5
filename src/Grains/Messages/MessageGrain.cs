using System.Globalization;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;
using Microsoft.Extensions.Logging;

namespace CoopLine.Grains.Messages;

[GrainType("message")]
internal sealed partial class MessageGrain(
    [PersistentState(StateNames.Message, StateNames.Storage)] IPersistentState<MessageState> message,
    ISendPlans plans, ISendBlocks blocks, QuietHours quiet, Spreads spreads, TimeProvider clock, ILogger<MessageGrain> log)
    : StateGrain<MessageState>(message), IMessageGrain
{
    private string MessageId => this.Id();

    public async Task<MessageOutcome> Define(MessageDefinition definition, string staff)
    {
        await ReadAgain();
        if (State.Definition == definition && State.Status == MessageStatus.Draft) return Done();
        if (State.Definition is not null && !State.MayBeEdited) return new MessageOutcome.NotNow(Now());
        if (definition is { Kind: MessageKind.Normal, SendAt: { } at } && quiet.Are(at)) return new MessageOutcome.AtNight();

        return await Change(LedgerKind.MessageDefined, staff, State with
        {
            Definition = definition,
            Author = staff,
            Status = MessageStatus.Draft,
            Submitted = null,
            Approved = null,
        });
    }

    public async Task<MessageOutcome> Submit(string staff)
    {
        await ReadAgain();
        if (State.Definition is not { } definition) return new MessageOutcome.Unknown();
        if (State.Status == MessageStatus.InReview) return Done();
        if (State.Status != MessageStatus.Draft) return new MessageOutcome.NotNow(Now());
        var now = clock.GetUtcNow();
        if (definition.SendAt <= now) return new MessageOutcome.TooLate(Now());

        return await Change(LedgerKind.MessageSubmitted, staff, State with
        {
            Status = MessageStatus.InReview,
            Submitted = new(MessageState.Hash(definition), staff, now),
        });
    }

    public async Task<MessageOutcome> Approve(string hash, string staff, long? alone)
    {
        await ReadAgain();
        if (State.Definition is not { } definition) return new MessageOutcome.Unknown();
        if (State.Approved?.Hash == hash && State.Approved.By == staff) return Done();
        if (State.Submitted is not { } submitted || State.Status != MessageStatus.InReview) return new MessageOutcome.NotNow(Now());
        if (hash != submitted.Hash) return new MessageOutcome.Changed(Now());
        if ((staff == State.Author || staff == submitted.By) && alone is null) return new MessageOutcome.OwnWork();
        var now = clock.GetUtcNow();
        if (definition.SendAt <= now || now - submitted.At > MessageState.ReviewLife) return new MessageOutcome.TooLate(Now());

        var outcome = await Change(LedgerKind.MessageApproved, staff, State with
        {
            Status = definition.SendAt is null ? MessageStatus.Approved : MessageStatus.Scheduled,
            Approved = new(hash, staff, now),
            ApprovedFor = alone,
            LastApproved = definition,
        });
        GoOn();
        return outcome;
    }

    public async Task<MessageOutcome> Pause(string staff)
    {
        await ReadAgain();
        if (State.Definition is null) return new MessageOutcome.Unknown();
        if (State is { Status: MessageStatus.Paused, PausedFor: PauseReason.ByHand }) return await Shut();
        if (State.Status is not (MessageStatus.Approved or MessageStatus.Scheduled or MessageStatus.Planning or MessageStatus.Sending or MessageStatus.Paused))
            return new MessageOutcome.NotNow(Now());

        await Change(LedgerKind.MessagePaused, staff, Paused(PauseReason.ByHand), PauseReason.ByHand.ToString());
        return await Shut();
    }

    public async Task<MessageOutcome> Resume(string staff)
    {
        await ReadAgain();
        if (State.Definition is null) return new MessageOutcome.Unknown();
        if (State.Status is MessageStatus.Planning or MessageStatus.Sending) return Done();
        if (State.Status is not MessageStatus.Paused) return new MessageOutcome.NotNow(Now());

        var outcome = await Change(LedgerKind.MessageResumed, staff, GoingOn());
        GoOn();
        return outcome;
    }

    public async Task<MessageOutcome> Stop(string staff)
    {
        await ReadAgain();
        if (State.Definition is null) return new MessageOutcome.Unknown();
        if (State.Status is MessageStatus.Stopping or MessageStatus.Stopped) return await Shut();
        if (State.Plan is null || State.Status is not (MessageStatus.Planning or MessageStatus.Sending or MessageStatus.Paused))
            return new MessageOutcome.NotNow(Now());

        await Change(LedgerKind.MessageStopped, staff, State with { Status = MessageStatus.Stopping, PausedFor = null });
        var outcome = await Shut();
        await blocks.Abandon(MessageId); // so that whoever waits now is under way
        GoOn();
        return outcome;
    }

    public async Task<MessageOutcome> Cancel(string staff)
    {
        await ReadAgain();
        if (State.Definition is null) return new MessageOutcome.Unknown();
        if (State.Status == MessageStatus.Cancelled) return Done();
        if (State.Plan is not null) return new MessageOutcome.NotNow(Now());
        return await Change(LedgerKind.MessageCancelled, staff, State with { Status = MessageStatus.Cancelled, PausedFor = null });
    }

    public async Task Announce(MessageDefinition definition, Review approved)
    {
        await ReadAgain();
        if (State.Definition is not null) return;
        var hash = MessageState.Hash(definition);
        await Change(LedgerKind.MessageApproved, approved.By, State with
        {
            Definition = definition,
            Author = Actors.Service,
            Status = MessageStatus.Scheduled,
            Submitted = new(hash, Actors.Service, clock.GetUtcNow()),
            Approved = approved with { Hash = hash },
            LastApproved = definition,
        });
        GoOn();
    }

    public async Task<MessageOutcome> Test(int members, string staff)
    {
        await ReadAgain();
        if (State.Definition is not { } definition) return new MessageOutcome.Unknown();
        if (!State.MayBeEdited) return new MessageOutcome.NotNow(Now());
        if (definition.Kind == MessageKind.Normal && quiet.Are(clock.GetUtcNow())) return new MessageOutcome.AtNight();
        return await Change(LedgerKind.MessageTested, staff, State, members.ToString(CultureInfo.InvariantCulture));
    }

    public async Task<Message?> Read()
    {
        await ReadAgain();
        return State.Definition is null ? null : Now();
    }

    public async Task Hold(int changes, PauseReason reason)
    {
        await ReadAgain();
        if (State.Changes != changes || State.Status != MessageStatus.Sending) return;
        await Hold(reason);
    }

    public async Task Finish()
    {
        await ReadAgain();
        if (State.Status is MessageStatus.Approved or MessageStatus.Scheduled) await Begin();
        if (State is { Status: MessageStatus.Paused, PausedFor: PauseReason.QuietHours } && !quiet.Are(clock.GetUtcNow()))
            await Change(LedgerKind.MessageResumed, Actors.Service, GoingOn());
        if (State.Plan is null || !State.Pending) return;
        if (State.Status != MessageStatus.Stopping && await ReachesMoreThanOneMayApprove())
        {
            await Change(LedgerKind.MessagePaused, Actors.Service, State with { Status = MessageStatus.InReview, Approved = null, Plan = null }, "MorePersons");
            return;
        }

        // Also of what is stopped: the list says who would have had it. Not here, since it takes long and staff may ask, or stop it, meanwhile.
        if (State.Status != MessageStatus.Sending && await plans.Progress(MessageId) is null)
        {
            GrainFactory.MessageSender(MessageId).Go(Now()).Ignore();
            return;
        }

        if (State.Status == MessageStatus.Planning) await Save(await Sending());
        await SetGate();
        if (State.Status == MessageStatus.Stopping) await blocks.Abandon(MessageId);
        if ((await Progress()).IsOver) await End();
        else GrainFactory.MessageSender(MessageId).Go(Now()).Ignore();
    }

    /// <summary>Its author approved it alone, for so few; meanwhile its audience has grown.</summary>
    private async Task<bool> ReachesMoreThanOneMayApprove() =>
        State.ApprovedFor is { } most
        && await plans.Progress(MessageId) is null
        && (await plans.Preview(MessageId, State.Definition!)).Persons > most;

    /// <summary>It is due, or not yet, or was due so long ago that nobody sends it unasked.</summary>
    private async Task Begin()
    {
        var now = clock.GetUtcNow();
        if (now < State.Due()) return;
        if (State.Definition!.Kind == MessageKind.Normal && quiet.Are(now)) return;
        if (now - DueAwake() > MessageState.MostLate) await Hold(PauseReason.Late);
        else await Change(LedgerKind.MessagePlanned, Actors.Service, State with { Status = MessageStatus.Planning, Plan = Guid.NewGuid() });
    }

    private DateTimeOffset DueAwake() => State.Definition!.Kind == MessageKind.Normal ? quiet.Over(State.Due()) : State.Due();

    /// <summary>Blocks are due one after the other. After a pause the first that is left is due now.</summary>
    private async Task<MessageState> Sending()
    {
        var now = await Progress();
        var done = now.PlannedBlocks == 0 ? 0 : 1 - ((double)now.OpenBlocks / now.PlannedBlocks);
        return State with
        {
            Status = MessageStatus.Sending,
            SendingSince = clock.GetUtcNow() - (spreads.Of(State.Definition!, now.Planned) * done),
            Changes = State.Changes + 1,
        };
    }

    private async Task End()
    {
        var counts = (await plans.Count(MessageId))!;
        if (!counts.AddsUp || counts.Waiting > 0) LogDoesNotAddUp(MessageId, counts.Progress.Planned, counts.Waiting);
        var status = State.Status == MessageStatus.Stopping ? MessageStatus.Stopped
            : counts.Progress.Parked > 0 ? MessageStatus.NeedsPerson
            : MessageStatus.Done;
        await Change(LedgerKind.MessageEnded, Actors.Service, State with { Status = status, PausedFor = null }, status.ToString());
    }

    private async Task<SendProgress> Progress() =>
        await plans.Progress(MessageId) ?? throw new InvalidOperationException($"The plan of message {MessageId} is gone.");

    private async Task Hold(PauseReason reason)
    {
        LogHeld(MessageId, reason);
        await Change(LedgerKind.MessagePaused, Actors.Service, Paused(reason), reason.ToString());
        await SetGate();
    }

    private MessageState Paused(PauseReason reason) => State with { Status = MessageStatus.Paused, PausedFor = reason };

    /// <summary>A plan that is there stays; else it is made now if it was due, however long ago, and waits for its time if not.</summary>
    private MessageState GoingOn() => State.Plan is null && clock.GetUtcNow() < State.Due()
        ? State with { Status = MessageStatus.Scheduled, PausedFor = null }
        : State with { Status = MessageStatus.Planning, Plan = State.Plan ?? Guid.NewGuid(), PausedFor = null };

    /// <summary>Staff are not told before no block can be closed any more, also when they ask a second time.</summary>
    private async Task<MessageOutcome> Shut()
    {
        await SetGate();
        return Done();
    }

    private Task SetGate() =>
        State.Plan is null ? Task.CompletedTask : plans.SetGate(MessageId, State.Status == MessageStatus.Sending, State.Changes);

    /// <summary>In a turn of its own, so that nobody who waits for an answer waits for this as well.</summary>
    private void GoOn() => this.AsReference<IMessageGrain>().Finish().Ignore();

    private MessageOutcome.Done Done() => new(Now());

    private Message Now() => new(
        MessageId, State.Status, State.Definition!, MessageState.Hash(State.Definition!), State.Author, State.Submitted, State.Approved,
        State.LastApproved, State.PausedFor, State.Plan, State.SendingSince, State.Changes);

    private async Task<MessageOutcome> Change(LedgerKind kind, string staff, MessageState next, string? reason = null)
    {
        var change = State.Changes + 1;
        await Save(next with
        {
            Changes = change,
            Ledger =
            [
                LedgerRow.OfChange(kind, $"{MessageId}|{change}", LedgerRow.OfMessage + MessageId, clock.GetUtcNow(), staff) with { Reason = reason },
            ],
        });
        return Done();
    }

    [LoggerMessage(LogLevel.Warning, "Message {Message} is paused: {Reason}")]
    private partial void LogHeld(string message, PauseReason reason);

    [LoggerMessage(LogLevel.Error, "Message {Message} is over and does not add up: {Planned} were planned, {Waiting} have no end")]
    private partial void LogDoesNotAddUp(string message, long planned, long waiting);
}
