using System.Collections.Immutable;
using CoopLine.Grains;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Members;
using CoopLine.Grains.Storage;
using CoopLine.Silo.Storage;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;
using SiloLedger = CoopLine.Silo.Storage.Ledger;

namespace CoopLine.Tests.Races;

/// <summary>A receipt is voided, or something of it comes back, at the moment when its customer is taken out of the database.</summary>
public sealed class Erasing_against_taking_back : IAsyncLifetime
{
    private static readonly object OneUnit = new { lines = new[] { new { line = 1, quantity = 1 } } };

    private readonly Interruption interruption = new();
    private readonly RunningSystem coop;

    public Erasing_against_taking_back() => coop = new()
    {
        Wrap = services =>
        {
            services.AddSingleton<SiloLedger>();
            services.AddSingleton<ILedger>(provider => new InterruptedLedger(provider.GetRequiredService<SiloLedger>(), interruption));
        },
    };

    public ValueTask InitializeAsync() => coop.InitializeAsync();

    public ValueTask DisposeAsync() => coop.DisposeAsync();

    [Theory]
    [InlineData("void", 1)]
    [InlineData("void", 2)]
    [InlineData("return", 1)]
    [InlineData("return", 2)]
    [InlineData("restore", 1)]
    public async Task What_comes_back_comes_back_though_its_rows_get_other_names_meanwhile(string what, int read)
    {
        var (phone, member) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var (sale, _) = await coop.Use(phone, tofu);
        await AboutToBeErased(member);

        interruption.At(read, sale.Key, () => TakeOut(member));
        var answer = what switch
        {
            "void" => await coop.Void(sale),
            "return" => await coop.OnReceipt(sale, "returns", new { lines = new[] { 1 } }),
            _ => await coop.Restore(sale, tofu),
        };

        Assert.True(interruption.IsOver);
        Assert.False(answer.Replayed);
        Assert.Equal(2, (await coop.LedgerOf(sale)).Length);
        await AssertErased(member, phone);
    }

    [Fact]
    public async Task A_unit_that_comes_back_of_two_leaves_the_coupon_where_it_is()
    {
        var (phone, member) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var (sale, _) = await coop.Use(phone, tofu);
        await AboutToBeErased(member);

        interruption.At(1, sale.Key, () => TakeOut(member));
        await coop.OnReceipt(sale, "returns", OneUnit);

        Assert.Equal([$"used {tofu} 30"], await coop.LedgerOf(sale));
        await AssertErased(member, phone);
    }

    [Fact]
    public async Task A_void_while_the_rows_are_renamed_is_renamed_with_them_or_comes_after_them()
    {
        TestDatabase.SkipOnSqlite("It has one writer at a time.");
        var (phone, member) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var (sale, _) = await coop.Use(phone, tofu);
        await AboutToBeErased(member);

        // Somebody holds the row of the link, so that the erasure has to wait in the midst of its rows.
        Task erasing, voiding;
        await using (var connection = await coop.Database.OpenWriter(default))
        await using (var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken))
        {
            await using (var hold = connection.Command("SELECT seq FROM ledger WHERE member = @member FOR UPDATE", ("@member", member.Number)))
                await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            erasing = TakeOut(member);
            await Eventually.Holds(async () => await Waiting() == 1, "The erasure does not wait.");
            voiding = coop.Void(sale);
            await Eventually.Holds(async () => voiding.IsCompleted || await Waiting() == 2, "The void neither is done nor waits.");
        }

        await Task.WhenAll(erasing, voiding);
        Assert.Equal(2, (await coop.LedgerOf(sale)).Length);
        await AssertErased(member, phone);
    }

    private async Task AboutToBeErased(RegisteredMember member)
    {
        await coop.Withdraw(member);
        using (await coop.Erase(member.Number)) { }
        await Eventually.Holds(async () => await coop.Erasing(member.Number) is { Accounts: [] }, "The account has not forgotten.");
    }

    /// <summary>As the member's grain does it when the time has come.</summary>
    private async Task TakeOut(RegisteredMember member)
    {
        var (state, version) = await coop.Host.Services.GetRequiredService<IStateReader>().Member(member.Number);
        Assert.True(await coop.Host.Services.GetRequiredService<IErasures>().TakeOut(member.Number, state!.Erasing!, version));
    }

    private async Task AssertErased(RegisteredMember member, SimulatedPhone phone)
    {
        await coop.UntilErased(member.Number); // and the account has left as well
        ErasureSteps.AssertNowhere(await coop.EverythingStored(), member.Number, phone.UserId);
        await Consistency.Check(coop);
    }

    private async Task<long> Waiting()
    {
        await using var connection = await coop.Database.OpenReader(default);
        await using var command = connection.Command(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>What happens after a receipt's rows were read, before anybody acts on them.</summary>
    private sealed class Interruption
    {
        private string? receipt;
        private Func<Task> happens = () => Task.CompletedTask;
        private int reads;

        public bool IsOver => receipt is null;

        /// <param name="read">1 for the next read.</param>
        public void At(int read, string ofReceipt, Func<Task> what) => (reads, receipt, happens) = (read, ofReceipt, what);

        public async Task Happen(string read)
        {
            if (read != receipt || --reads > 0) return;
            receipt = null;
            await happens();
        }
    }

    private sealed class InterruptedLedger(SiloLedger real, Interruption interruption) : ILedger
    {
        public async Task<ImmutableArray<LedgerRow>> OfReceipt(string receipt, CancellationToken cancellation)
        {
            var rows = await real.OfReceipt(receipt, cancellation);
            await interruption.Happen(receipt);
            return rows;
        }

        public Task<ImmutableArray<LedgerRow>> StandingUses(
            IReadOnlyCollection<string> members, IReadOnlyCollection<string> earlierMembers, string account, CancellationToken cancellation) =>
            real.StandingUses(members, earlierMembers, account, cancellation);

        public Task<bool> EverUsed(string campaign, CancellationToken cancellation) => real.EverUsed(campaign, cancellation);

        public Task<ImmutableArray<UsesOfDay>> UsesOf(string campaign, CancellationToken cancellation) => real.UsesOf(campaign, cancellation);

        public Task<ImmutableArray<CampaignVersion>> VersionsOf(string campaign, CancellationToken cancellation) =>
            real.VersionsOf(campaign, cancellation);

        public Task<LedgerPage> Find(LedgerQuery query, CancellationToken cancellation) => real.Find(query, cancellation);
    }
}
