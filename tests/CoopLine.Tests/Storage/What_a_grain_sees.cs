using System.Text.Json;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;
using CoopLine.Tests.Fixtures;
using Orleans.Concurrency;

namespace CoopLine.Tests.Storage;

/// <summary>A grain that writes what it is told and says how that went.</summary>
[Alias("tests.writing-grain")]
public interface IWritingGrain : IGrainWithStringKey
{
    /// <returns>Type names of the exception and its causes; empty when written.</returns>
    [Alias("Attempt")]
    Task<string[]> Attempt(Immutable<LedgerRow[]> rows);

    [Alias("Write")]
    Task Write(Immutable<LedgerRow[]> rows);

    [Alias("Recorded")]
    Task<int> Recorded();
}

[GrainType("tests-writing")]
internal sealed class WritingGrain([PersistentState("tests-note", StateNames.Storage)] IPersistentState<Note> note)
    : Grain, IWritingGrain
{
    public async Task<string[]> Attempt(Immutable<LedgerRow[]> rows)
    {
        try
        {
            await Write(rows);
            return [];
        }
        catch (Exception e)
        {
            var chain = new List<string> { StorageRefusal.IsReceiptOfAnotherRequest(e) ? "receipt of another request" : "fault" };
            for (var cause = e; cause is not null; cause = cause.InnerException) chain.Add(cause.GetType().Name);
            return [.. chain];
        }
    }

    public async Task Write(Immutable<LedgerRow[]> rows)
    {
        var before = note.State;
        note.State = Rows.With(rows.Value);
        try
        {
            await note.WriteStateAsync();
        }
        catch
        {
            note.State = before;
            DeactivateOnIdle();
            throw;
        }
    }

    public Task<int> Recorded() => Task.FromResult(note.State.Text is null ? 0 : 1);
}

/// <summary>A grain as the program's own are, that files a row or changes something else.</summary>
[Alias("tests.filing-grain")]
public interface IFilingGrain : IGrainWithStringKey
{
    [Alias("File")]
    Task File(LedgerRow row);

    [Alias("Change")]
    Task Change(string text);
}

internal sealed record FiledNote : StateWithLedger
{
    public string? Text { get; init; }
}

[GrainType("tests-filing")]
internal sealed class FilingGrain([PersistentState("tests-filed-note", StateNames.Storage)] IPersistentState<FiledNote> note)
    : StateGrain<FiledNote>(note), IFilingGrain
{
    public Task File(LedgerRow row) => Save(State with { Text = "filed", Ledger = [row] });

    public Task Change(string text) => Save(State with { Text = text });
}

public sealed class What_a_grain_sees_with_group_commit(GroupCommitHost host) : What_a_grain_sees(host), IClassFixture<GroupCommitHost>;

public sealed class What_a_grain_sees_with_AdoNet(AdoNetHost host) : What_a_grain_sees(host), IClassFixture<AdoNetHost>;

public abstract class What_a_grain_sees(StorageHost host)
{
    /// <summary>What says so: the database; on PostgreSQL, where many states are committed together, who committed them.</summary>
    private string[] Refusal => TestDatabase.IsPostgreSql && host is GroupCommitHost
        ? ["ReceiptDecidedException"]
        : ["OrleansException", TestDatabase.ExceptionName];

    [Fact]
    public async Task A_receipt_of_another_request_is_recognised_in_the_grain_that_wrote()
    {
        const string receipt = "2026-11-22/0123/05/000201";
        var mine = new LedgerRow[] { Rows.Used(receipt, "tofu", "3001", hash: "aa") };
        var other = new LedgerRow[] { Rows.Used(receipt, "milk", "3001", hash: "bb") };
        Assert.Empty(await host.Grain<IWritingGrain>("k-3001-a").Attempt(new(mine)));

        var said = await host.Grain<IWritingGrain>("k-3001-b").Attempt(new(other));
        Assert.Equal(["receipt of another request", .. Refusal], said);
        await Assert.ThrowsAnyAsync<Exception>(() => host.Grain<IWritingGrain>("k-3001-b").Write(new(other)));
        Assert.Equal(0, await host.Grain<IWritingGrain>("k-3001-b").Recorded());
    }

    [Fact]
    public async Task Rows_that_were_filed_are_not_written_with_the_next_change()
    {
        var row = Rows.Used("2026-11-22/0123/05/000205", "tofu", "3005");
        var grain = host.Grain<IFilingGrain>("k-3005");

        await grain.File(row);
        await grain.Change("changed");

        var stored = (await host.Read<Dictionary<string, JsonElement>>("tests-filed-note", "k-3005")).State!;
        Assert.Equal("changed", stored["text"].GetString());
        Assert.DoesNotContain("ledger", stored.Keys);
        Assert.Equal([row], await host.Service<ILedger>().OfReceipt(row.Receipt!));
    }

    [Fact]
    public async Task A_conflict_is_seen_as_itself()
    {
        var grain = host.Grain<IWritingGrain>("k-3002");
        var rows = new LedgerRow[] { Rows.Used("2026-11-22/0123/05/000202", "tofu", "3002") };
        Assert.Empty(await grain.Attempt(new(rows)));
        var behindItsBack = await host.Read<Note>("tests-note", "k-3002");
        await host.Write("tests-note", "k-3002", behindItsBack);

        Assert.Equal(["fault", "InconsistentStateException"], await grain.Attempt(new(rows)));
        Assert.Empty(await grain.Attempt(new(rows))); // a new activation has read again
    }

    [Fact]
    public async Task A_write_that_failed_has_not_happened()
    {
        var grain = host.Grain<IWritingGrain>("k-3003");
        var rows = new LedgerRow[] { Rows.Used("2026-11-22/0123/05/000203", "tofu", "3003") };
        host.Faults.Order("tests-note", Fault.BeforeTheWrite);

        Assert.Equal(["fault", "OrleansException", "IOException"], await grain.Attempt(new(rows)));
        Assert.Empty(await host.Service<ILedger>().OfReceipt("2026-11-22/0123/05/000203"));
        Assert.Equal(0, await grain.Recorded());
        Assert.Empty(await grain.Attempt(new(rows)));
    }

    [Fact]
    public async Task A_write_that_was_committed_and_not_confirmed_is_found_by_the_next_activation()
    {
        var grain = host.Grain<IWritingGrain>("k-3004");
        var rows = new LedgerRow[] { Rows.Used("2026-11-22/0123/05/000204", "tofu", "3004") };
        host.Faults.Order("tests-note", Fault.AfterTheCommit);

        Assert.Equal(["fault", "OrleansException", "IOException"], await grain.Attempt(new(rows)));
        Assert.Single(await host.Service<ILedger>().OfReceipt("2026-11-22/0123/05/000204"));
        Assert.Equal(1, await grain.Recorded());
        Assert.Empty(await grain.Attempt(new(rows)));
        Assert.Single(await host.Service<ILedger>().OfReceipt("2026-11-22/0123/05/000204"));
    }
}
