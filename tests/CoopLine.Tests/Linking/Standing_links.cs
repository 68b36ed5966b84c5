using CoopLine.Grains.Members;
using CoopLine.Grains.Registry;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Linking;

/// <summary>What the coupon page and the till ask before anything else.</summary>
[NoDatabase]
public sealed class Standing_links
{
    private static readonly MemberState Member = new()
    {
        Link = new("link-2", "U-1", "100000001", new(2026, 11, 22, 10, 0, 0, TimeSpan.FromHours(9)), 2),
    };

    private static readonly RegistryStanding Active = Registered(MemberStatus.Active, replacedBy: null);

    [Fact]
    public void The_link_of_an_active_member_stands() => Assert.True(MemberState.LinkStands(Member, Active, "U-1", "link-2"));

    [Fact]
    public void A_number_that_the_newest_file_lacks_keeps_its_link() =>
        Assert.True(MemberState.LinkStands(Member, new(null, ReplacedBy: null, [], Import: 1), "U-1", "link-2"));

    [Fact]
    public void Neither_another_accounts_link_nor_an_earlier_one_nor_none_stands()
    {
        Assert.False(MemberState.LinkStands(Member, Active, "U-2", "link-2"));
        Assert.False(MemberState.LinkStands(Member, Active, "U-1", "link-1"));
        Assert.False(MemberState.LinkStands(new(), Active, "U-1", "link-2"));
        Assert.False(MemberState.LinkStands(null, Active, "U-1", "link-2"));
    }

    [Fact]
    public void The_registry_ends_a_link_before_anybody_has_untied_it()
    {
        Assert.False(MemberState.LinkStands(Member, Registered(MemberStatus.Withdrawn, replacedBy: null), "U-1", "link-2"));
        Assert.False(MemberState.LinkStands(Member, Registered(MemberStatus.Active, replacedBy: "100000002"), "U-1", "link-2"));
        Assert.False(MemberState.LinkStands(Member, new(null, ReplacedBy: "100000002", [], Import: 1), "U-1", "link-2"));
    }

    private static RegistryStanding Registered(MemberStatus status, string? replacedBy) =>
        new(new("100000001", [], null, status, [], null, replacedBy, []), replacedBy, [], Import: 1);
}
