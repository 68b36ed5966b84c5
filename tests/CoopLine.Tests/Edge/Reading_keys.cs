using CoopLine.Tests.Fixtures;
using CoopLine.Webhook.Edge;
using Microsoft.Extensions.Options;

namespace CoopLine.Tests.Edge;

[NoDatabase]
public sealed class Reading_keys
{
    [Theory]
    [InlineData("first", "0123")]
    [InlineData("second", "0123")]
    [InlineData("third", "0124")]
    [InlineData("fourth", "0124")]
    [InlineData("fifth", "0124")]
    [InlineData("sixth", "0125")]
    [InlineData("First", null)]
    [InlineData("firs", null)]
    [InlineData("", null)]
    [InlineData("third fourth", null)]
    [InlineData("0123", null)]
    public void A_key_belongs_to_one_owner(string key, string? owner)
    {
        var keys = Read(
            ("0123:0", "first"), ("0123:1", "second"), ("0124", "third fourth,  fifth"), ("0125", "sixth"));

        Assert.Equal(owner, keys.OwnerOf(key));
    }

    [Fact]
    public void Without_keys_nobody_comes_in() => Assert.Null(Read().OwnerOf(""));

    [Fact]
    public void A_key_of_two_owners_stops_the_start() =>
        Assert.Throws<OptionsValidationException>(() => Read(("0123", "same"), ("0124:0", "same")));

    [Fact]
    public void A_key_may_be_there_as_its_digest()
    {
        var keys = Read(("0123", "sha256:a7937b64b8caa58f03721bb6bacf5c78cb235febe0e70b1b84cd99541461a08e")); // of first

        Assert.Equal("0123", keys.OwnerOf("first"));
        Assert.Null(keys.OwnerOf("sha256:a7937b64b8caa58f03721bb6bacf5c78cb235febe0e70b1b84cd99541461a08e"));
    }

    [Theory]
    [InlineData("sha256:a7937b64")]
    [InlineData("sha256:A7937B64B8CAA58F03721BB6BACF5C78CB235FEBE0E70B1B84CD99541461A08G")]
    public void What_is_no_digest_stops_the_start(string key) =>
        Assert.Throws<OptionsValidationException>(() => Read(("0123", key)));

    [Fact]
    public void A_key_and_its_digest_are_the_same_key() => Assert.Throws<OptionsValidationException>(() => Read(
        ("0123", "first"), ("0124", "sha256:A7937B64B8CAA58F03721BB6BACF5C78CB235FEBE0E70B1B84CD99541461A08E")));

    [Fact]
    public void A_key_that_is_too_short_stops_the_start()
    {
        Assert.Throws<OptionsValidationException>(() => Read(shortest: 6, ("0123", "first")));
        Assert.Equal("0123", Read(shortest: 5, ("0123", "first")).OwnerOf("first"));
    }

    [Fact]
    public void An_owner_without_a_key_stops_the_start() =>
        Assert.Throws<OptionsValidationException>(() => Read(("0123", " , ")));

    [Fact]
    public void An_impossible_owner_stops_the_start() =>
        Assert.Throws<OptionsValidationException>(() => Read(("0/1", "key")));

    [Theory]
    [InlineData("friend")]
    [InlineData("Till")]
    [InlineData("REGISTRY")]
    public void Staff_cannot_be_called_as_the_ledgers_other_actors(string name)
    {
        Assert.NotNull(Webhook.Staff.StaffAuthentication.ObjectionTo(name));
        Assert.Null(Webhook.Staff.StaffAuthentication.ObjectionTo(name + "-1"));
    }

    private static ApiKeys Read(params (string Path, string Key)[] keys) => Read(shortest: 1, keys);

    private static ApiKeys Read(int shortest, params (string Path, string Key)[] keys) => ApiKeys.Read(
        new ConfigurationBuilder()
            .AddInMemoryCollection(keys.Select(one => KeyValuePair.Create<string, string?>("Keys:" + one.Path, one.Key)))
            .Build()
            .GetSection("Keys"),
        Webhook.Pos.TillAuthentication.ObjectionTo,
        shortest);
}
