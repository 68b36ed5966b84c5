using CoopLine.Webhook.Edge;
using Microsoft.Extensions.Time.Testing;
using Orleans.Runtime.Messaging;
using Orleans.Storage;

namespace CoopLine.Tests.Edge;

/// <summary>What the web tier hides from a till, and what not.</summary>
public sealed class Being_patient
{
    private readonly FakeTimeProvider clock = new();
    private int calls;

    public static TheoryData<Exception> Passing =>
    [
        new SiloUnavailableException("gone"),
        new ConnectionFailedException("refused"), new TimeoutException("no answer"), new InconsistentStateException("newer"),
    ];

    public static TheoryData<Exception> Lasting =>
    [
        new OrleansException("the storage refused"), new InvalidOperationException("a defect"),
        new OperationCanceledException("whoever asked is gone"),
    ];

    [Theory, MemberData(nameof(Passing))]
    public async Task A_fault_that_passes_is_not_seen(Exception fault)
    {
        Assert.Equal("answer", await Watch(new Patience(clock).Repeat(() => Answer(after: 4, fault))));
        Assert.Equal(5, calls);
    }

    [Theory, MemberData(nameof(Passing))]
    public async Task The_next_try_is_told_whether_this_one_may_still_be_under_way(Exception fault)
    {
        var told = new List<bool>();
        await Watch(new Patience(clock).Repeat(underWay =>
        {
            told.Add(underWay);
            return Answer(after: 2, told.Count == 1 ? fault : new InconsistentStateException("newer"));
        }));

        var may = fault is not InconsistentStateException; // its write found a newer state: it is over
        Assert.Equal([false, may, may], told);
    }

    [Theory, MemberData(nameof(Lasting))]
    public async Task Any_other_fault_is_told_at_once(Exception fault)
    {
        Assert.Same(fault, await Record.ExceptionAsync(() => Watch(new Patience(clock).Repeat(() => Answer(after: 1, fault)))));
        Assert.Equal(1, calls);
    }

    [Theory, MemberData(nameof(Lasting))]
    public async Task Any_other_fault_of_a_repeated_call_is_told_at_once(Exception fault)
    {
        Task<string> Call() => calls == 0 ? Answer(after: 1, new TimeoutException()) : Answer(after: 9, fault);

        Assert.Same(fault, await Record.ExceptionAsync(() => Watch(new Patience(clock).Repeat(Call))));
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task It_ends_in_time_for_the_till_and_after_a_dozen_calls()
    {
        var since = clock.GetTimestamp();
        var fault = new SiloUnavailableException("gone for good");

        Assert.Same(fault, await Record.ExceptionAsync(() => Watch(new Patience(clock).Repeat(() => Answer(after: 1000, fault)))));
        Assert.InRange(clock.GetElapsedTime(since), TimeSpan.FromSeconds(5), Patience.Limit);
        Assert.InRange(calls, 8, 20);
    }

    [Fact]
    public async Task A_first_call_that_hangs_is_repeated_and_said_to_be_under_way()
    {
        var told = new List<bool>();
        Task<string> Call(bool underWay)
        {
            told.Add(underWay);
            return told.Count == 1 ? new TaskCompletionSource<string>().Task : Task.FromResult("answer");
        }

        Assert.Equal("answer", await Watch(new Patience(clock).Repeat(Call)));
        Assert.Equal([false, true], told);
    }

    [Fact]
    public async Task A_repeated_call_that_hangs_ends_in_time_for_the_till()
    {
        var since = clock.GetTimestamp();
        Task<string> Call() => ++calls == 1
            ? Task.FromException<string>(new SiloUnavailableException())
            : new TaskCompletionSource<string>().Task;

        await Assert.ThrowsAsync<TimeoutException>(() => Watch(new Patience(clock).Repeat(Call)));
        Assert.InRange(clock.GetElapsedTime(since), Patience.Limit - TimeSpan.FromSeconds(1), Patience.Limit + TimeSpan.FromSeconds(1));
        Assert.Equal(2, calls);
    }

    private Task<string> Answer(int after, Exception fault) =>
        ++calls > after ? Task.FromResult("answer") : Task.FromException<string>(fault);

    /// <summary>Lets the clock run until the task has ended.</summary>
    private async Task<T> Watch<T>(Task<T> task)
    {
        for (var i = 0; !task.IsCompleted; i++)
        {
            Assert.True(i < 10_000, "It does not end.");
            clock.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }

        return await task;
    }
}
