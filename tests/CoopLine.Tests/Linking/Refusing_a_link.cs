using CoopLine.Grains.Ledger;
using CoopLine.Grains.Members;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Linking;

/// <summary>A link that was refused does not come about later: its account has been told, and knows nothing of it.</summary>
[NoDatabase]
public sealed class Refusing_a_link
{
    private static readonly DateTimeOffset At = new(2026, 11, 22, 10, 0, 0, TimeSpan.FromHours(9));

    private static readonly LedgerRow Row = new() { Id = "row", Kind = LedgerKind.Linked, At = At };

    [Fact]
    public void When_the_number_is_free_again_the_refused_call_gets_the_same_answer()
    {
        var linked = new MemberState().Tie(Link("one", "U-1"), isMember: true, Row).Next;
        var (refused, outcome) = linked.Tie(Link("two", "U-2"), isMember: true, Row);
        var free = refused.Untie(new(refused.Link!, At, LinkEnd.ByFriend, "friend", null, null), Row, null);

        Assert.IsType<MemberLinkOutcome.AlreadyLinked>(outcome);
        Assert.Equal((free, new MemberLinkOutcome.AlreadyLinked()), free.Tie(Link("two", "U-2"), isMember: true, Row));
        Assert.IsType<MemberLinkOutcome.Linked>(free.Tie(Link("three", "U-2"), isMember: true, Row).Outcome);
    }

    [Fact]
    public void When_the_registry_knows_the_number_later_the_refused_call_gets_the_same_answer()
    {
        var (refused, outcome) = new MemberState().Tie(Link("one", "U-1"), isMember: false, Row);

        Assert.IsType<MemberLinkOutcome.NotAMember>(outcome);
        Assert.Equal((refused, new MemberLinkOutcome.NotAMember()), refused.Tie(Link("one", "U-1"), isMember: true, Row));
    }

    [Fact]
    public void A_storm_of_them_does_not_pile_up()
    {
        var member = new MemberState().Tie(Link("one", "U-1"), isMember: true, Row).Next;
        for (var i = 0; i < 100; i++) member = member.Tie(Link($"no-{i}", "U-2"), isMember: true, Row).Next;

        Assert.Equal(32, member.Refused!.Value.Length);
        Assert.Contains(member.Refused.Value, refused => refused.Operation == "no-99");
    }

    private static MemberLink Link(string operation, string account) => new(operation, account, "100000001", At, 1);
}
