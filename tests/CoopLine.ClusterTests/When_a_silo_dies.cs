using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using CoopLine.ClusterTests.Fixtures;
using CoopLine.Tests.Fixtures;

namespace CoopLine.ClusterTests;

/// <summary>How long the grains of a silo that is gone stay silent, and how soon it is back. The times are printed.</summary>
public sealed class When_a_silo_dies(ThreeSilos three) : IClassFixture<ThreeSilos>
{
    private const int Grains = 30;

    /// <summary>It will never answer. How soon it should is in decision 9; a machine that runs other tests takes longer.</summary>
    private static readonly TimeSpan Hopeless = TimeSpan.FromSeconds(90);

    [Theory]
    [InlineData(Death.Killed)]
    [InlineData(Death.StandsStill)]
    public async Task Its_grains_answer_elsewhere_and_it_comes_back_at_the_same_address(Death death)
    {
        var cluster = await three.AllReady();
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", RunningCluster.StaffKey);
        var campaigns = Enumerable.Range(0, Grains).Select(_ => Some.CampaignId()).ToArray();
        foreach (var campaign in campaigns)
            await UntilOk(() => http.PutAsJsonAsync(Campaign(cluster.Silos[0], campaign), Some.Campaign()), Hopeless);

        foreach (var gone in cluster.Silos)
        {
            var (since, survivors) = (Stopwatch.GetTimestamp(), cluster.Silos.Where(one => one != gone).ToArray());
            if (death == Death.Killed) await gone.Kill();
            else await gone.Stop();

            await Task.WhenAll(campaigns.Select((campaign, number) =>
                UntilOk(() => http.GetAsync(Campaign(survivors[number % survivors.Length], campaign)), Hopeless)));
            var silent = Stopwatch.GetElapsedTime(since);

            if (death == Death.StandsStill) await gone.Kill();
            since = Stopwatch.GetTimestamp();
            gone.Start();
            await gone.UntilReady();
            var started = Stopwatch.GetElapsedTime(since);

            TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{death} {gone.Name}: all grains answer after {silent.TotalSeconds:0.0} s, ready again after {started.TotalSeconds:0.0} s"));
        }
    }

    [Fact]
    public async Task One_comes_back_soon_when_all_have_died()
    {
        var cluster = await three.AllReady();
        foreach (var silo in cluster.Silos) await silo.Kill();

        var since = Stopwatch.GetTimestamp();
        cluster.Silos[1].Start();
        await cluster.Silos[1].UntilReady();

        var started = Stopwatch.GetElapsedTime(since);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"ready again after {started.TotalSeconds:0.0} s, alone"));
    }

    [Fact]
    public async Task One_that_was_killed_or_stood_still_for_a_moment_comes_back_and_one_that_is_told_to_end_ends()
    {
        var cluster = await three.AllReady();
        var (killed, stopped, ended) = (cluster.Silos[0], cluster.Silos[1], cluster.Silos[2]);

        await killed.Kill();
        Assert.False(killed.IsRunning);
        await ended.UntilReady();
        killed.Start();
        await killed.UntilReady();

        // Not for so long that the others take it for dead.
        using var aMoment = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await stopped.Stop();
        Assert.False(await stopped.IsReady(aMoment.Token));
        await stopped.Continue();
        await stopped.UntilReady();

        Assert.Equal(0, await ended.Terminate());
        using var http = new HttpClient { BaseAddress = cluster.Balancer.Address };
        for (var i = 0; i < cluster.Silos.Count; i++)
        {
            using var answer = await http.GetAsync("/health/live");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    /// <summary>Asks again as long as the answer is 503, for as long as the bound allows.</summary>
    private static async Task UntilOk(Func<Task<HttpResponseMessage>> ask, TimeSpan bound)
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            using var answer = await ask();
            if (answer.StatusCode == HttpStatusCode.OK) return;
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.Zero, bound);
        }
    }

    private static Uri Campaign(SiloProcess at, string id) => new(at.Address, $"/staff/v1/campaigns/{id}");

    /// <summary>How a process goes away.</summary>
    public enum Death
    {
        /// <summary>Its connections are closed by the system.</summary>
        Killed,

        /// <summary>Its connections stay open and say nothing, as those of a machine that lost its network.</summary>
        StandsStill,
    }
}
