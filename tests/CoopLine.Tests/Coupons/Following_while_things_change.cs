using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Coupons;

/// <summary>What happens to open connections when the database or the process goes away.</summary>
public sealed class Following_while_things_change : IAsyncLifetime
{
    private readonly RunningSystem coop = new();

    public ValueTask InitializeAsync() => coop.InitializeAsync();

    public ValueTask DisposeAsync() => coop.DisposeAsync();

    [Fact]
    public async Task A_process_that_ends_does_not_wait_for_open_pages_and_the_next_one_tells_them_what_they_missed()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var code = await coop.ShowCode(phone, tofu);
        await using var page = await FollowedCode.Open(coop, phone, code);
        await page.NextState();

        var ended = new TaskCompletionSource();
        var restarted = coop.Restart(dead: ended.SetResult);
        await ended.Task.WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System);
        await restarted;
        Assert.Null(await page.Next());
        await coop.Redeem(coop.Sale(code));
        await using var again = await FollowedCode.Open(coop, phone, code);

        Assert.Equal([$"{tofu} on 1: 30"], (await again.NextState()).Discounts);
    }
}
