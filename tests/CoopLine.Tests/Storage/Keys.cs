using System.Reflection;
using CoopLine.Grains.Storage;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Storage;

/// <summary>What the provider does with keys and names, and how our prefixes keep out of its way.</summary>
public sealed class Keys(AdoNetHost host) : IClassFixture<AdoNetHost>
{
    [Theory]
    [InlineData("0042", "42")]
    [InlineData("ABC", "abc")]
    [InlineData("6F9619FF8B86D011B42D00CF4FC964FF", "6f9619ff8b86d011b42d00cf4fc964ff")]
    public async Task Keys_without_a_prefix_share_one_row_and_with_a_prefix_they_do_not(string one, string other)
    {
        await host.Write("bare", one, new Note { Text = one });
        Assert.True((await host.Read<Note>("bare", other)).RecordExists);

        foreach (var prefix in new[] { "u-", "m-", "k-", "s-", "p-", "q-", "r-" })
        {
            await host.Write("prefixed", prefix + one, new Note { Text = one });
            Assert.False((await host.Read<Note>("prefixed", prefix + other)).RecordExists);
        }
    }

    [Fact]
    public async Task A_prefixed_key_is_found_whole_in_the_row()
    {
        await host.Write(StateNames.Member, "m-0042+7", new Note { Text = "plus" });

        Assert.Equal(
            "plus",
            await host.Scalar<string>(
                $"""
                SELECT {TestDatabase.Payload} ->> 'text' FROM OrleansStorage
                WHERE GrainTypeString = 'member' AND GrainIdExtensionString = 'm-0042+7' AND GrainIdN1 = 0
                """));
    }

    [Fact]
    public async Task One_key_under_two_state_names_is_two_rows()
    {
        await host.Write(StateNames.Member, "m-names", new Note { Text = "member" });
        await host.Write(StateNames.Coupon, "m-names", new Note { Text = "coupon" });

        Assert.Equal("member", (await host.Read<Note>(StateNames.Member, "m-names")).State!.Text);
        Assert.Equal("coupon", (await host.Read<Note>(StateNames.Coupon, "m-names")).State!.Text);
    }

    [Fact]
    public async Task One_state_name_in_two_grain_types_is_one_row()
    {
        var state = new GrainState<Note>(new() { Text = "first type" });
        await host.Storage.WriteStateAsync("shared", GrainId.Create("first-type", "m-shared"), state);
        var seen = new GrainState<Note>();
        await host.Storage.ReadStateAsync("shared", GrainId.Create("second-type", "m-shared"), seen);

        Assert.Equal("first type", seen.State!.Text); // why StateNames exists
    }

    [Fact]
    public void State_names_are_unique()
    {
        var names = typeof(StateNames).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.Name != nameof(StateNames.Storage))
            .Select(field => (string)field.GetRawConstantValue()!)
            .ToList();

        Assert.NotEmpty(names);
        Assert.Equal(names.Distinct(StringComparer.OrdinalIgnoreCase), names);
    }
}
