using System.Collections.Immutable;
using CoopLine.Grains.Line;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CoopLine.Grains.Messages;

[GrainType("message-sender")]
internal sealed partial class MessageSenderGrain(
    ISendPlans plans, ISendBlocks blocks, LineSendingClient line, MonthlyUse use, MessageBodies bodies, Prices prices, QuietHours quiet, Spreads spreads,
    IOptions<MessageOptions> options, TimeProvider clock, ILogger<MessageSenderGrain> log) : Grain, IMessageSenderGrain
{
    /// <summary>Blocks under way at the same time.</summary>
    private const int AtOnce = 16;

    /// <summary>LINE forgets a retry key after 24 hours; then the same block would be sent twice.</summary>
    private static readonly TimeSpan ParkAfter = TimeSpan.FromHours(23);

    private static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly Tries tries = new(clock);
    private Message message = null!;
    private bool isGoing;
    private IGrainTimer? waiting;

    private string MessageId => this.Id();

    public Task Go(Message message)
    {
        this.message = message;
        if (!isGoing || waiting is not null) Next();
        return Task.CompletedTask;
    }

    public async Task Step()
    {
        isGoing = false;
        TimeSpan? wait;
        try
        {
            wait = await Round();
        }
        catch (Exception e)
        {
            LogFault(e, MessageId); // What is on disk is right, whatever it is; the next round begins with it.
            wait = AfterFault;
        }

        if (wait == TimeSpan.Zero) Next();
        else if (wait is { } pause) Wake(pause);
    }

    /// <returns>How long until the next one; null when there is nothing more to do.</returns>
    private async Task<TimeSpan?> Round()
    {
        if (message.Status != MessageStatus.Sending && await plans.Progress(MessageId) is null)
        {
            await plans.Write(MessageId, message.Definition);
            GrainFactory.Message(MessageId).Finish().Ignore();
            return null;
        }

        var now = clock.GetUtcNow();
        var next = await blocks.Next(MessageId, AtOnce);
        var underWay = next.Where(block => block.State == BlockState.InFlight).ToImmutableArray();
        var open = next.Where(block => block.State == BlockState.Open).ToImmutableArray();
        tries.ForgetAllBut(underWay.Select(block => block.Number));
        if (underWay is [] && (open is [] || message.Status == MessageStatus.Stopping))
        {
            GrainFactory.Message(MessageId).Finish().Ignore();
            return null;
        }

        if (message.Definition.Kind == MessageKind.Normal && quiet.Are(now)) return await Night(underWay, open, now);

        await Task.WhenAll(underWay.Where(block => tries.AreDue(block.Number)).Select(block => SendAgain(block.Number)));
        var wait = open is [] || message.Status != MessageStatus.Sending ? LongestWait : await Begin(open, now);
        if (message.Status != MessageStatus.Sending && underWay is []) return null;
        return tries.Next is { } again && again < wait ? again : wait;
    }

    /// <summary>Nothing goes to LINE, not even what it did not take in the evening. But nobody is waited for too long.</summary>
    private async Task<TimeSpan?> Night(ImmutableArray<SendBlock> underWay, ImmutableArray<SendBlock> open, DateTimeOffset now)
    {
        foreach (var block in underWay.Where(block => IsTooOld(block.FirstSentAt!.Value, now))) await Park(block.Number, block.Persons);
        if (open is not []) await Hold(PauseReason.QuietHours);
        return null;
    }

    /// <summary>Closes and sends the blocks that are due.</summary>
    /// <returns>How long until the next one is.</returns>
    private async Task<TimeSpan> Begin(ImmutableArray<SendBlock> open, DateTimeOffset now)
    {
        var progress = (await plans.Progress(MessageId))!;
        var first = Due(open[0]);
        if (now - first > MessageState.MostLate)
        {
            await Hold(PauseReason.Late);
            return LongestWait;
        }

        // While LINE does not answer, nothing new is begun: it would only wait, with its 23 hours running.
        if (tries.HaveFailed) return LongestWait;
        if (first > now) return first - now;
        if (await use.Read(MessageId) is not { } month) return AfterFault;
        if (month.Left - options.Value.QuotaMargin < progress.WaitingToBegin)
        {
            await Hold(PauseReason.Quota);
            return LongestWait;
        }

        if (progress.Sen + prices.Sen(month.Place, progress.WaitingToBegin) > message.Definition.CeilingYen * 100L)
        {
            await Hold(PauseReason.Ceiling);
            return LongestWait;
        }

        var place = month.Place;
        var begun = new List<Task>();
        foreach (var block in open.Where(block => Due(block) <= now))
        {
            begun.Add(Send(block, place));
            place += block.Persons;
        }

        await Task.WhenAll(begun);
        return TimeSpan.Zero;

        DateTimeOffset Due(SendBlock block) =>
            spreads.Due(message.Definition, message.SendingSince!.Value, block.Number, progress.Planned, progress.PlannedBlocks);
    }

    private async Task Send(SendBlock block, long place)
    {
        if (await blocks.Close(block.Number, Closing(persons => prices.Sen(place, persons))) is not { } frozen)
        {
            message = message with { Status = MessageStatus.Paused }; // The gate is shut. Whoever opens it says so.
            return;
        }

        Telemetry.OverForPersons(PersonState.Skipped, block.Persons - frozen.Sum(one => one.Persons));
        await Task.WhenAll(frozen.Select(Call));
    }

    private async Task SendAgain(int block)
    {
        if (await blocks.Frozen(MessageId, block) is { } frozen) await Call(frozen);
    }

    private async Task Call(FrozenBlock block)
    {
        if (IsTooOld(block.FirstSentAt, clock.GetUtcNow()))
        {
            await Park(block.Number, block.Persons);
            return;
        }

        await Task.Delay(await GrainFactory.LinePace.Take());
        using var span = Telemetry.Source.StartActivity("message.block");
        var answer = await line.Multicast(block.Body, block.Key);
        span?.SetTag("coopline.message.id", MessageId).SetTag("coopline.message.block", block.Number)
            .SetTag("coopline.message.answer", answer.GetType().Name);
        switch (answer)
        {
            case MulticastOutcome.Accepted:
                await Settle(block.Number, BlockState.Accepted);
                Telemetry.OverForPersons(PersonState.Accepted, block.Persons);
                return;
            case MulticastOutcome.BadRecipient when block.Persons == 1:
                await Settle(block.Number, BlockState.Refused);
                Telemetry.OverForPersons(PersonState.Refused, block.Persons);
                return;
            case MulticastOutcome.BadRecipient:
                await blocks.Split(block.Number, Closing(_ => 0));
                tries.Over(block.Number);
                return;
            case MulticastOutcome.BadMessage:
                await Hold(PauseReason.BadMessage);
                break;
            case MulticastOutcome.OverMonthlyLimit:
                await Hold(PauseReason.Quota);
                break;
            case MulticastOutcome.NotAuthorized:
                await Hold(PauseReason.NotAuthorized);
                break;
        }

        tries.Failed(block.Number);
    }

    private async Task Park(int block, int persons)
    {
        LogParked(MessageId, persons);
        await Settle(block, BlockState.Parked);
        Telemetry.OverForPersons(PersonState.Parked, persons);
    }

    private async Task Settle(int block, BlockState became)
    {
        await blocks.Settle(MessageId, block, became, clock.GetUtcNow());
        tries.Over(block);
    }

    private static bool IsTooOld(DateTimeOffset firstSentAt, DateTimeOffset now) => now - firstSentAt >= ParkAfter;

    private Closing Closing(Func<int, long> sen) => new(MessageId, message.Plan!.Value, message.Definition, bodies, clock.GetUtcNow(), sen);

    private Task Hold(PauseReason reason)
    {
        if (message.Status != MessageStatus.Sending) return Task.CompletedTask;
        message = message with { Status = MessageStatus.Paused };
        return GrainFactory.Message(MessageId).Hold(message.Changes, reason);
    }

    /// <summary>A turn of its own for each step, so that a silo that leaves waits for no more than one.</summary>
    private void Next()
    {
        waiting?.Dispose();
        waiting = null;
        isGoing = true;
        this.AsReference<IMessageSenderGrain>().Step().Ignore();
    }

    private void Wake(TimeSpan wait)
    {
        isGoing = true;
        waiting = this.RegisterGrainTimer(_ =>
        {
            waiting = null;
            return Step();
        }, new GrainTimerCreationOptions(wait, Timeout.InfiniteTimeSpan));
    }

    [LoggerMessage(LogLevel.Error, "Message {Message} could not be sent on and is tried again")]
    private partial void LogFault(Exception e, string message);

    [LoggerMessage(LogLevel.Error, "Message {Message}: LINE took a block of {Persons} persons in no try within 23 hours, or did not say so; it is not tried again")]
    private partial void LogParked(string message, int persons);
}
