using System.Net;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Hosting;

/// <summary>A new key for the registry's hashes, with the old one beside it until everybody has been imported again.</summary>
public sealed class Changing_keys : IAsyncLifetime
{
    private const string HashKey = "CoopLine:Registry:HashKey";
    private const string New = "new-registry-hash-key";

    private readonly RunningSystem coop = new();

    public ValueTask InitializeAsync() => coop.InitializeAsync();

    public ValueTask DisposeAsync() => coop.DisposeAsync();

    [Fact]
    public async Task With_both_keys_old_and_new_hashes_match_and_with_the_new_one_only_new_ones()
    {
        var old = coop.Settings("coopline")[HashKey];
        RegisteredMember[] imported = [Some.Member(), Some.Member()];
        await coop.Register(imported);

        await Restart(New, old);
        var fresh = await coop.NewMember();
        await coop.Link(await coop.NewFriend(), imported[0]);
        await coop.Link(await coop.NewFriend(), fresh);

        await Restart(New);
        var page = await coop.TapLink(await coop.NewFriend());
        using (await coop.Http.PostAsync(new Uri(page + "/opened"), null, TestContext.Current.CancellationToken)) { }
        using (var refused = await coop.SendForm(page, imported[1])) Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        await coop.Register(imported[1]);
        await coop.Link(await coop.NewFriend(), imported[1]);
    }

    private Task Restart(string key, string? earlier = null)
    {
        coop.Also[HashKey] = key;
        coop.Also["CoopLine:Registry:EarlierHashKeys:0"] = earlier;
        return coop.Restart();
    }
}
