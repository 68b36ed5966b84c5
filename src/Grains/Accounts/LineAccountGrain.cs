using System.Buffers.Text;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Line;
using CoopLine.Grains.Linking;
using CoopLine.Grains.Members;
using CoopLine.Grains.Storage;
using Microsoft.Extensions.Logging;

namespace CoopLine.Grains.Accounts;

[GrainType("line-account")]
internal sealed partial class LineAccountGrain(
    [PersistentState(StateNames.LineAccount, StateNames.Storage)] IPersistentState<LineAccountState> account,
    IErasures erasures, TimeProvider clock, ILogger<LineAccountGrain> log) : StateGrain<LineAccountState>(account), ILineAccountGrain
{
    private readonly LineCalls calls = new(clock);

    private string Account => this.Id();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await base.OnActivateAsync(cancellationToken);
        GoOn();
    }

    public async Task Accept(ImmutableArray<LineEvent> events)
    {
        var now = clock.GetUtcNow();
        var next = State;
        foreach (var happened in events.OrderBy(one => one.At))
        {
            var older = next.Session;
            next = next.Receive(happened, NewSessionId(), now);
            if (next.Session is not { } fresh || fresh == older) continue;
            await BeginSession(fresh, next.IsAnswered(older) ? null : older, now);
        }

        Telemetry.WebhookDuplicates.Add(events.Count(one => State.Events.Contains(one.Id)));
        await Keep(next);
        GoOn();
    }

    public async Task<AnswersOutcome> Verify(string session, HashedAnswers answers)
    {
        var now = clock.GetUtcNow();
        if (State.Link is not null) return new AnswersOutcome.AccountAlreadyLinked();
        if (State.Session?.Id != session) return new AnswersOutcome.SessionReplaced();
        if (State.IsLockedAt(now)) return new AnswersOutcome.AccountLocked(State.LockedUntil!.Value);

        var outcome = await GrainFactory.Member(answers.MemberNumber).Verify(Account, answers);
        if (outcome is AnswersOutcome.Mismatch or AnswersOutcome.NotInRegistry)
        {
            await Keep(State.Missed(now));
            if (State.IsLockedAt(now)) Telemetry.Lockouts.Add(1, new KeyValuePair<string, object?>("coopline.lockout.of", "account"));
            outcome = AfterMiss(outcome, now);
        }

        CountStep("answers", outcome);
        return outcome;
    }

    public async Task<string?> BeginLink()
    {
        if (State.Link is not null) return null;
        var (now, older) = (clock.GetUtcNow(), State.Session);
        var fresh = new LineAccountState.SessionTap(NewSessionId(), now);
        await BeginSession(fresh, State.IsAnswered(older) ? null : older, now);
        await Keep(State with { Session = fresh });
        return fresh.Id;
    }

    public async Task<bool> Befriend()
    {
        if (Version > 0) return false;
        await Save(new());
        return true;
    }

    public Task<AccountStanding> Standing() => Task.FromResult(new AccountStanding(
        !State.Blocked, State.Link?.Member, State.Link?.Id, State.Link?.Sequence ?? 0, State.EarlierMembers,
        State.IsLockedAt(clock.GetUtcNow()) ? State.LockedUntil : null, State.Mismatches.Length));

    public async Task LinkEnded(MemberLink link, LinkEnd end, MemberLink? successor)
    {
        if (State.Link?.Id != link.Id) await ReadAgain();
        var next = State;
        if (State.Link?.Id == link.Id)
        {
            next = State.Untied(link, successor).Enqueue("ended|" + link.Id, end switch
            {
                LinkEnd.Withdrawn => Notice.Withdrawn,
                LinkEnd.Renumbered => successor is null ? Notice.UnlinkedRenumbered : Notice.Renumbered,
                _ => Notice.UnlinkedByStaff,
            }, clock.GetUtcNow());
        }
        else if (successor is not null && State.Link?.Id != successor.Id)
        {
            // The friend unlinked while the number was being replaced: what the friend wants counts.
            next = State.Begin(new("undo|" + successor.Id, ErrandKind.Unlink, successor.At, Link: successor));
        }

        await Keep(next);
        await GrainFactory.Member(link.Member).NoticeSent(link.Id);
        GoOn();
    }

    public async Task Forget(string member, ImmutableArray<string> numbers)
    {
        if (!State.Needs(numbers))
        {
            await Keep(State.Forget(numbers, clock.GetUtcNow()));
            await GrainFactory.Member(member).Forgotten(Account);
        }

        GoOn();
    }

    public Task<ImmutableArray<Topic>> Topics() => Task.FromResult(State.UnwantedTopics);

    public async Task<ImmutableArray<Topic>> SetTopic(Topic topic, bool on)
    {
        await Keep(State.Turn(topic, on));
        return State.UnwantedTopics;
    }

    public Task ClearLock() => Keep(State with { Mismatches = [], LockedUntil = null });

    public async Task Finish()
    {
        try
        {
            while (State.Errands is [var errand, ..])
            {
                using var span = Telemetry.Resume(errand.Kind == ErrandKind.Link ? "link.finish" : "unlink.finish", errand.OrderedBy);
                if (errand.Kind == ErrandKind.Link) await Link(errand);
                else await Unlink(errand);
            }

            if (State.ForgottenAt is { } since) await Leave(since);
        }
        catch (Exception e)
        {
            LogUnfinished(e, State.Errands is [var first, ..] ? first.Kind.ToString() : nameof(Leave));
            throw;
        }
        finally
        {
            Talk();
        }
    }

    public async Task Sent(OutboxEntry entry, LineCallResult answer)
    {
        var now = clock.GetUtcNow();
        calls.Sent(entry, answer);
        if (State.Outbox.FirstOrDefault(waiting => waiting.Id == entry.Id) is { } mine)
        {
            var next = LineCalls.After(mine, answer, now);
            var isLost = next is null && answer != LineCallResult.Accepted;
            var isUndelivered = isLost && mine.ReplyToken is null;
            if (isLost && !isUndelivered) LogUnanswered(mine.Says, answer);
            if (isUndelivered)
            {
                Telemetry.GivenUp.Add(1);
                LogUndelivered(mine.Notice, answer);
            }

            await Keep(State with
            {
                Outbox = next is null ? State.Outbox.Remove(mine) : State.Outbox.Replace(mine, next),
                Ledger = isUndelivered ? [Undelivered(mine, now)] : [],
            });
        }

        GoOnAfterCall();
    }

    public async Task MenuShown(ShownMenu menu, LineCallResult answer)
    {
        calls.MenuAnswered(answer);
        // Whoever was erased meanwhile stays so: an answer of LINE begins no state.
        if (answer == LineCallResult.Accepted && Version > 0) await Keep(State with { Menu = menu });
        GoOnAfterCall();
    }

    /// <summary>Saves. Whatever is new in the state remembers the current trace, so that later work on it joins that trace.</summary>
    private Task Keep(LineAccountState next) =>
        ReferenceEquals(next, State) ? Task.CompletedTask : Save(next.OrderedBy(Telemetry.TraceParent, State));

    /// <summary>The answer that locks the account says so itself; the ones before it say how many are left.</summary>
    private AnswersOutcome AfterMiss(AnswersOutcome miss, DateTimeOffset now)
    {
        var left = LineAccountState.MaxMismatches - State.Mismatches.Length;
        return miss switch
        {
            _ when State.IsLockedAt(now) => new AnswersOutcome.AccountLocked(State.LockedUntil!.Value),
            AnswersOutcome.Mismatch => new AnswersOutcome.Mismatch(left),
            _ => new AnswersOutcome.NotInRegistry(left),
        };
    }

    private static void CountStep(string step, object outcome)
    {
        Telemetry.Links.Add(1, new("coopline.link.step", step), new("coopline.link.outcome", outcome.GetType().Name));
        Activity.Current?.SetTag("coopline.link.outcome", outcome.GetType().Name);
    }

    private static string NewSessionId() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(24));

    private async Task BeginSession(
        LineAccountState.SessionTap fresh, LineAccountState.SessionTap? older, DateTimeOffset now)
    {
        // Before the account's own write: a session that nobody hears of does no harm. The other way round, a member
        // could hold a message whose page does not exist.
        await GrainFactory.Session(fresh.Id).Issue(Account, now);
        if (older is not null) await GrainFactory.Session(older.Id).Replace();
    }

    private async Task Link(Errand errand)
    {
        if (errand.Member is null)
        {
            var nonce = errand.Session is { } session
                ? await GrainFactory.Session(session).Consume(Account, errand.NonceHash!, errand.Operation, errand.At)
                : new NonceOutcome.Worthless();
            await Keep(nonce switch
            {
                NonceOutcome.Good when State.Link is not null => Refused(errand, Notice.AccountLinkedMeanwhile),
                NonceOutcome.Good when State.EarlierMembers.Length >= LineAccountState.MaxEarlierMembers =>
                    Refused(errand, Notice.NotAMemberNow),
                NonceOutcome.Good good => State with
                {
                    Errands = State.Errands.Replace(
                        errand, errand with { Member = good.Member, Sequence = State.LinkSequence + 1 }),
                    LinkSequence = State.LinkSequence + 1,
                },
                NonceOutcome.TooLate => Refused(errand, Notice.TooLate),
                _ => State.Done(errand.Operation),
            });
            CountStep("nonce", nonce);
            LogNonce(nonce.GetType().Name);
            return;
        }

        var outcome = await GrainFactory.Member(errand.Member).Link(Account, errand.Operation, errand.Sequence);
        await Keep(outcome switch
        {
            MemberLinkOutcome.Linked linked => State.Tied(linked.Link, errand.Operation, clock.GetUtcNow()),
            MemberLinkOutcome.AlreadyLinked => Refused(errand, Notice.NumberLinkedElsewhere),
            MemberLinkOutcome.NotAMember => Refused(errand, Notice.NotAMemberNow),
            MemberLinkOutcome.EndedSince => Refused(errand, Notice.UnlinkedByStaff).Had(errand.Member),
            _ => throw new InvalidOperationException($"Unknown outcome {outcome.GetType().Name}."),
        });
        CountStep("link", outcome);
        LogLink(outcome.GetType().Name);
    }

    private async Task Unlink(Errand errand)
    {
        var link = errand.Link!;
        await GrainFactory.Member(link.Member).Unlink(link.Id);
        await Keep(State.Untied(link).Done(errand.Operation).Enqueue(
            errand.Operation, Notice.UnlinkedByFriend, clock.GetUtcNow()));
    }

    /// <summary>Nobody is behind this account any more: its state goes, once LINE shows the right menu and has the last message.</summary>
    private async Task Leave(DateTimeOffset since)
    {
        if (State.HasBegunAnew)
        {
            await Keep(State with { ForgottenAt = null });
            return;
        }

        if (!State.HasBeenToldAll && clock.GetUtcNow() - since < LineAccountState.GiveUpAfter) return;
        if (await erasures.TakeOutAccount(Account, Version)) DeactivateOnIdle();
        await ReadAgain(); // Either there is nothing any more, or another activation has written: then the next round tries again.
    }

    private LineAccountState Refused(Errand errand, Notice notice) =>
        State.Done(errand.Operation).Enqueue(errand.Operation, notice, clock.GetUtcNow());

    /// <summary>Goes on in a turn of its own, so that nobody who waits for an answer waits for this as well.</summary>
    private void GoOn()
    {
        if (State.Errands.Length > 0 || State.ForgottenAt is not null) this.AsReference<ILineAccountGrain>().Finish().Ignore();
        else Talk();
    }

    /// <summary>LINE has answered. Whoever only stayed for that leaves.</summary>
    private void GoOnAfterCall()
    {
        if (State.ForgottenAt is null) Talk();
        else GoOn();
    }

    /// <summary>Hands LINE what is due: the menu and a message, one of each at a time.</summary>
    private void Talk()
    {
        if (State.Blocked) return;
        var sender = GrainFactory.GetGrain<ILineSenderGrain>(this.GetPrimaryKeyString());
        if (!State.MenuIsRight && calls.BeginMenu())
        {
            using var span = Telemetry.Resume("outbox.menu", State.MenuOrderedBy);
            sender.ShowMenu(State.RightMenu).Ignore();
        }

        if (calls.Begin(State.Outbox) is { } entry)
        {
            using var span = Telemetry.Resume("outbox.message", entry.OrderedBy);
            // LINE has forgotten the retry key of so old an entry and might send it twice: it is given up.
            if (clock.GetUtcNow() - entry.CreatedAt >= LineAccountState.GiveUpAfter)
                this.AsReference<ILineAccountGrain>().Sent(entry, LineCallResult.NotNow).Ignore();
            else
                sender.Send(entry, State.Link is not null).Ignore();
        }

        if (calls.NextTry is { } wait) Wake(wait);
    }

    private void Wake(TimeSpan wait) => this.RegisterGrainTimer(
        _ =>
        {
            Talk();
            return Task.CompletedTask;
        },
        new GrainTimerCreationOptions(wait, Timeout.InfiniteTimeSpan));

    private LedgerRow Undelivered(OutboxEntry entry, DateTimeOffset now) => new()
    {
        Id = $"undelivered|{entry.Id}",
        Kind = LedgerKind.Undelivered,
        At = now,
        Account = Account,
        Reason = entry.Notice.ToString(),
        TraceId = Telemetry.TraceId,
    };

    [LoggerMessage(LogLevel.Information, "A nonce came back from LINE: {Outcome}")]
    private partial void LogNonce(string outcome);

    [LoggerMessage(LogLevel.Information, "A link ended as {Outcome}")]
    private partial void LogLink(string outcome);

    [LoggerMessage(LogLevel.Information, "A tap stays without its answer, whose reply token is used up or too old: {Notice}, LINE's last answer {Answer}")]
    private partial void LogUnanswered(Notice notice, LineCallResult answer);

    [LoggerMessage(LogLevel.Error, "A message was given up: {Notice}, LINE's last answer {Answer}")]
    private partial void LogUndelivered(Notice notice, LineCallResult answer);

    [LoggerMessage(LogLevel.Error, "An errand could not be finished and will be tried again: {Kind}")]
    private partial void LogUnfinished(Exception e, string kind);
}
