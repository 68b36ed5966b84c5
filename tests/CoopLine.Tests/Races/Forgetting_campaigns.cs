using System.Collections.Immutable;
using CoopLine.Grains.Campaigns;
using CoopLine.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace CoopLine.Tests.Races;

[NoDatabase]
public sealed class Forgetting_campaigns
{
    [Fact]
    public async Task A_change_during_a_load_is_seen_by_the_next_who_asks()
    {
        var reader = new ChangedWhileRead();
        var cache = new CampaignCache(reader, new FakeTimeProvider());
        reader.Changed = cache.Forget;

        await cache.Current();

        Assert.Equal(CampaignStatus.Stopped, Assert.Single((await cache.Current()).Values).Status);
    }

    [Fact]
    public async Task Without_a_change_one_load_serves_for_a_second()
    {
        var reader = new ChangedWhileRead();
        var clock = new FakeTimeProvider();
        var cache = new CampaignCache(reader, clock);

        await cache.Current();
        clock.Advance(TimeSpan.FromMilliseconds(999));
        await cache.Current();
        Assert.Equal(1, reader.Loads);

        clock.Advance(TimeSpan.FromMilliseconds(1));
        await cache.Current();
        Assert.Equal(2, reader.Loads);
    }

    /// <summary>The first load reads the campaign as it was just before somebody stopped it.</summary>
    private sealed class ChangedWhileRead : ICampaignReader
    {
        public int Loads { get; private set; }

        public Action Changed { get; set; } = () => { };

        public Task<ImmutableArray<Campaign>> All(CancellationToken cancellation = default)
        {
            var status = Loads++ == 0 ? CampaignStatus.Published : CampaignStatus.Stopped;
            if (Loads == 1) Changed();
            var definition = new CampaignDefinition(
                "とうふ", null, new(DiscountType.Yen, 30), new([], [], []), null, null,
                DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1));
            return Task.FromResult<ImmutableArray<Campaign>>([new("tofu", 1, status, definition, null)]);
        }
    }
}
