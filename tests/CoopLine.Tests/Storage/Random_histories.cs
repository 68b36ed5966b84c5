using System.Collections.Immutable;
using System.Diagnostics;
using CoopLine.Grains.Storage;
using CoopLine.Tests.Fixtures;
using Orleans.Storage;

namespace CoopLine.Tests.Storage;

public sealed class Random_histories_with_group_commit(GroupCommitHost host) : Random_histories(host), IClassFixture<GroupCommitHost>;

public sealed class Random_histories_with_AdoNet(AdoNetHost host) : Random_histories(host), IClassFixture<AdoNetHost>;

/// <summary>
/// Many activations, several of one grain among them, read, write and clear at random and at once, with faults in
/// between. What each saw must be explained by a simple model: one register per grain.
/// </summary>
[Trait("Speed", "random")]
public abstract class Random_histories(StorageHost host)
{
    private const int Rounds = 250;
    private const int Grains = 12;
    private const int ActivationsPerGrain = 3;
    private const string StateName = "tests-random";

    private enum Action { Read, Write, Clear, WriteRefused, WriteCancelled }

    private enum Outcome { Done, Conflict, Refused, Unknown }

    /// <summary>What is stored of a grain.</summary>
    /// <param name="Etag">Null when nothing ever was.</param>
    /// <param name="Text">Null when cleared.</param>
    private sealed record Register(string? Etag, string? Text);

    /// <summary>One call and what came of it.</summary>
    private sealed record Call(
        Action Action, string? EtagBefore, string? Text, Outcome Outcome, string? EtagAfter, string? TextAfter);

    [Fact]
    public async Task Every_outcome_is_explained_by_one_register_per_grain()
    {
        var random = Chance.New(out var seed);
        var since = Stopwatch.GetTimestamp();
        await host.Write(StateName, "k-taken", Rows.With(Rows.Used(TakenReceipt, "tofu", "9000", hash: "first")));

        var registers = Enumerable.Repeat(new Register(null, null), Grains).ToArray();
        var activations = Enumerable.Range(0, Grains)
            .Select(_ => Enumerable.Range(0, ActivationsPerGrain).Select(_ => new GrainState<Note>(new())).ToArray())
            .ToArray();
        var etags = Enumerable.Range(0, Grains).Select(_ => new HashSet<string>()).ToArray();
        var counts = new Dictionary<(Action, Outcome), int>();
        for (var round = 0; round < Rounds || Stopwatch.GetElapsedTime(since) < Chance.Time; round++)
        {
            var running =
                (from grain in Enumerable.Range(0, Grains)
                 from activation in Enumerable.Range(0, ActivationsPerGrain)
                 where random.Next(2) == 0
                 let action = Choose(random)
                 let text = $"{round}/{activation}"
                 select (grain, Call: Run(grain, activations[grain][activation], action, text))).ToArray();
            await Task.WhenAll(running.Select(one => one.Call));

            foreach (var ofGrain in running.GroupBy(one => one.grain, one => one.Call.Result))
            {
                Call[] calls = [.. ofGrain];
                var now = await Stored(ofGrain.Key);
                Assert.True(
                    IsExplained(
                        registers[ofGrain.Key], [.. calls], now,
                        [now, .. calls.Where(call => call.Action == Action.Read).Select(read => new Register(read.EtagAfter, read.TextAfter))]),
                    $"seed {seed}, round {round}, grain {ofGrain.Key}: {registers[ofGrain.Key]} → "
                    + $"{string.Join("; ", calls.AsEnumerable())} → {now}");
                registers[ofGrain.Key] = now;
                foreach (var call in calls.Where(call => call.Action != Action.Read && call.Outcome == Outcome.Done && call.EtagAfter is not null))
                    Assert.True(etags[ofGrain.Key].Add(call.EtagAfter!), $"seed {seed}: an etag was given twice");
                foreach (var call in calls) counts[(call.Action, call.Outcome)] = counts.GetValueOrDefault((call.Action, call.Outcome)) + 1;
            }
        }

        // It was a history worth checking.
        foreach (var dangerous in new[]
                 {
                     (Action.Write, Outcome.Done), (Action.Write, Outcome.Conflict), (Action.Clear, Outcome.Done),
                     (Action.Clear, Outcome.Conflict), (Action.WriteRefused, Outcome.Refused),
                     (Action.WriteCancelled, Outcome.Unknown),
                 })
        {
            Assert.True(counts.GetValueOrDefault(dangerous) > 0, $"seed {seed}: {dangerous} never happened");
        }

        Assert.True(counts.Values.Sum() > 2000);
    }

    private const string TakenReceipt = "2026-11-22/0123/05/009000";

    private static Action Choose(Random random) => random.Next(20) switch
    {
        < 7 => Action.Read,
        < 15 => Action.Write,
        < 17 => Action.Clear,
        < 19 => Action.WriteRefused,
        _ => Action.WriteCancelled,
    };

    private async Task<Call> Run(int grain, GrainState<Note> state, Action action, string text)
    {
        await Task.Yield();
        var (etag, before) = (state.ETag, state.State);
        var id = GrainId.Create("test", Key(grain));
        // A clear without an etag reads first; that is two steps, and not this test's matter.
        if (action == Action.Clear && etag is null) action = Action.Read;
        try
        {
            switch (action)
            {
                case Action.Read:
                    await host.Storage.ReadStateAsync(StateName, id, state);
                    return new(action, etag, null, Outcome.Done, state.ETag, state.RecordExists ? state.State!.Text : null);
                case Action.Clear:
                    await host.Storage.ClearStateAsync(StateName, id, state);
                    return new(action, etag, null, Outcome.Done, state.ETag, null);
                case Action.Write:
                    state.State = new() { Text = text };
                    await host.Storage.WriteStateAsync(StateName, id, state);
                    return new(action, etag, text, Outcome.Done, state.ETag, text);
                case Action.WriteRefused:
                    // The database refuses the whole row: the receipt belongs to another request.
                    state.State = Rows.With(Rows.Used(TakenReceipt, "tofu", $"{9001 + grain}", hash: "second")) with { Text = text };
                    await host.Storage.WriteStateAsync(StateName, id, state);
                    return new(action, etag, text, Outcome.Done, state.ETag, text);
                default:
                    using (var cancel = new CancellationTokenSource())
                    {
                        state.State = new() { Text = text };
                        if (grain % 2 == 0) await cancel.CancelAsync(); // else in the middle of it
                        var writing = host.Storage.WriteStateAsync(StateName, id, state, cancel.Token);
                        await cancel.CancelAsync();
                        await writing;
                        return new(action, etag, text, Outcome.Done, state.ETag, text);
                    }
            }
        }
        catch (InconsistentStateException)
        {
            (state.ETag, state.State) = (etag, before);
            return new(action, etag, text, Outcome.Conflict, null, null);
        }
        catch (OperationCanceledException)
        {
            (state.ETag, state.State) = (etag, before);
            return new(action, etag, text, Outcome.Unknown, null, null);
        }
        catch (Exception e) when (StorageRefusal.IsReceiptOfAnotherRequest(e))
        {
            (state.ETag, state.State) = (etag, before);
            return new(action, etag, text, Outcome.Refused, null, null);
        }
    }

    private async Task<Register> Stored(int grain)
    {
        var stored = await host.Read<Note>(StateName, Key(grain));
        return new(stored.ETag, stored.RecordExists ? stored.State!.Text : null);
    }

    /// <summary>Whether some order of the calls leads from one register to the other and gives each what it got.</summary>
    /// <param name="seen">What reads found meanwhile and afterwards.</param>
    private static bool IsExplained(
        Register before, ImmutableArray<Call> calls, Register after, ImmutableArray<Register> seen)
    {
        if (calls is []) return before == after;
        return calls.Any(call => Next(before, call, seen).Any(next => IsExplained(next, calls.Remove(call), after, seen)));
    }

    /// <summary>What the register can be after a call with this outcome; none when the outcome is wrong.</summary>
    private static IEnumerable<Register> Next(Register now, Call call, ImmutableArray<Register> seen)
    {
        var fits = call.EtagBefore == now.Etag;
        return (call.Action, call.Outcome) switch
        {
            (Action.Read, Outcome.Done) => now == new Register(call.EtagAfter, call.TextAfter) ? [now] : [],
            (_, Outcome.Done) => fits && call.Action != Action.WriteRefused && call.EtagAfter != now.Etag
                ? [new(call.EtagAfter, call.TextAfter)]
                : [],
            (_, Outcome.Conflict) => fits && call.Action != Action.WriteRefused ? [] : [now],
            (_, Outcome.Refused) => call.Action == Action.WriteRefused ? [now] : [], // nobody suffers for another's row
            // Called off: not done, or done without saying so, and then somebody may have seen it.
            _ => fits ? [now, .. seen.Where(register => register.Text == call.Text).Distinct()] : [now],
        };
    }

    private static string Key(int grain) => $"k-random-{grain}";
}
