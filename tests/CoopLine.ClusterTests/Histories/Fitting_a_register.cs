namespace CoopLine.ClusterTests.Histories;

/// <summary>The checker itself: histories made by hand, with and without each kind of violation.</summary>
public sealed class Fitting_a_register
{
    private const int A = 0;
    private const int B = 1;
    private const long Never = Step<CouponRegister>.Never;

    private static readonly Step<MemberRegister>[] LinkedByOne =
        [new("link 1", 1, 5, one => one.Link("1")), new("link 2 refused", 2, 6, one => one.RefuseAsLinked("2"))];

    [Fact]
    public void One_receipt_after_the_other_fits() =>
        Fits(Redeemed(A, 1, 2), Refused(B, 3, 4), Voided(A, 5, 6), Redeemed(B, 7, 8), Refused(A, 9, 10));

    [Fact]
    public void Two_receipts_that_both_hold_do_not() => Breaks(Redeemed(A, 1, 3), Redeemed(B, 2, 4));

    [Fact]
    public void Two_receipts_with_a_void_between_fit_in_any_order_that_overlaps() =>
        Fits(Redeemed(A, 1, 2), Redeemed(B, 3, 6), Voided(A, 4, 5));

    [Fact]
    public void A_void_that_began_after_the_second_receipt_was_answered_comes_too_late() =>
        Breaks(Redeemed(A, 1, 2), Redeemed(B, 3, 4), Voided(A, 5, 6));

    [Fact]
    public void A_receipt_is_decided_once() => Breaks(Redeemed(A, 1, 2), Redeemed(A, 3, 4));

    [Fact]
    public void A_receipt_that_was_voided_does_not_hold_again() => Breaks(Redeemed(A, 1, 2), Voided(A, 3, 4), Redeemed(A, 5, 6));

    [Fact]
    public void A_replay_fits_before_the_void_and_is_voided_after_it()
    {
        Fits(Redeemed(A, 1, 2), Replayed(A, 3, 4), Voided(A, 5, 6), SeenOver(A, 7, 8));
        Breaks(Redeemed(A, 1, 2), Voided(A, 3, 4), Replayed(A, 5, 6));
        Breaks(Redeemed(A, 1, 2), SeenOver(A, 3, 4));
    }

    [Fact]
    public void A_receipt_whose_void_came_first_never_holds()
    {
        Fits(Barred(A, 1, 2), SeenOver(A, 3, 4), Redeemed(B, 5, 6));
        Breaks(Barred(A, 1, 2), Redeemed(A, 3, 4));
        Breaks(Redeemed(A, 1, 2), Barred(A, 3, 4));
        Fits(MaybeVoided(A, 1), SeenOver(A, 2, 3), Redeemed(B, 4, 5), Ends(B, [B], [], 6));
    }

    [Fact]
    public void A_refusal_of_a_free_coupon_does_not_fit() => Breaks(Refused(B, 1, 2), Redeemed(A, 3, 4));

    [Fact]
    public void A_refusal_that_remembers_a_voided_use_does_not_fit() =>
        Breaks(Redeemed(A, 1, 2), Voided(A, 3, 4), Refused(B, 5, 6));

    [Fact]
    public void A_call_without_an_answer_may_have_happened() => Fits(MaybeRedeemed(A, 1), Refused(B, 2, 3));

    [Fact]
    public void A_call_without_an_answer_may_not_have_happened() => Fits(MaybeRedeemed(A, 1), Redeemed(B, 2, 3));

    [Fact]
    public void A_call_without_an_answer_may_happen_late() =>
        Fits(MaybeRedeemed(A, 1), Redeemed(B, 2, 3), Voided(B, 4, 5), Refused(B, 6, 7), Ends(A, [A, B], [B], 8));

    [Fact]
    public void A_call_without_an_answer_does_not_happen_before_it_begins() => Breaks(Refused(B, 1, 2), MaybeRedeemed(A, 3));

    [Fact]
    public void A_call_without_an_answer_happens_at_most_once() =>
        Breaks(Redeemed(A, 1, 2), MaybeVoided(A, 3), Redeemed(B, 4, 5), Voided(B, 6, 7), Voided(A, 8, 9), SeenHolding(A, 10, 11));

    [Fact]
    public void A_replay_without_a_first_call_that_could_have_held_does_not_fit() =>
        Breaks(Redeemed(B, 1, 2), Replayed(A, 3, 4));

    [Fact]
    public void A_receipt_that_is_seen_without_its_use_does_not_fit() => Breaks(Redeemed(A, 1, 2), SeenWithout(A, 3, 4));

    [Fact]
    public void A_void_that_was_answered_is_seen() => Breaks(Redeemed(A, 1, 2), Voided(A, 3, 4), SeenHolding(A, 5, 6));

    [Fact]
    public void An_answered_use_that_the_database_lost_does_not_fit() => Breaks(Redeemed(A, 1, 2), Ends(null, [], [], 3));

    [Fact]
    public void A_use_in_the_database_that_nobody_asked_for_does_not_fit() => Breaks(Redeemed(A, 1, 2), Ends(B, [A, B], [A], 3));

    [Fact]
    public void A_code_is_given_out_for_a_free_coupon_only() => Breaks(Redeemed(A, 1, 2), SeenFree(3, 4));

    [Fact]
    public void A_violation_is_told_with_its_history()
    {
        var told = Register.Violation("tofu/1", [Redeemed(A, 1, 3), Redeemed(B, 2, 4)], CouponRegister.Start);
        Assert.Contains("tofu/1 is not one register", told, StringComparison.Ordinal);
        Assert.Contains("      1 …       3  redeemed 0", told, StringComparison.Ordinal);
        Assert.Contains("      2 …       4  redeemed 1", told, StringComparison.Ordinal);
        Assert.Single(told!.Split('\n'), line => line.StartsWith("  + ", StringComparison.Ordinal));
    }

    [Fact]
    public void Many_calls_without_an_answer_are_no_burden()
    {
        var steps = new List<Step<CouponRegister>>();
        for (var i = 0; i < 20; i++) steps.Add(MaybeRedeemed(i, i));
        for (var i = 0; i < 20; i++) steps.Add(MaybeVoided(i, 20 + i));
        Fits([.. steps, Refused(30, 50, 51)]);
    }

    [Fact]
    public void One_link_fits_and_the_other_account_is_refused() => Assert.Null(Fit(LinkedByOne));

    [Fact]
    public void Two_links_without_an_unlink_do_not_fit() => Assert.NotNull(Fit(
        [new("link 1", 1, 5, one => one.Link("1")), new("link 2", 2, 6, one => one.Link("2"))]));

    [Fact]
    public void A_link_after_the_unlink_fits() => Assert.Null(Fit(
        [.. LinkedByOne, new("unlink", 7, 8, one => one.Unlink()), new("link 2", 7, 9, one => one.Link("2"))]));

    [Fact]
    public void An_unlink_without_an_answer_makes_room_or_does_not()
    {
        Step<MemberRegister> lost = new("unlink", 7, Never, one => one.MaybeUnlink());
        Assert.Null(Fit([.. LinkedByOne, lost, new("link 3", 8, 9, one => one.Link("3"))]));
        Assert.Null(Fit([.. LinkedByOne, lost, new("see 1", 8, 9, one => one.Seen("1"))]));
    }

    [Fact]
    public void Not_linked_is_not_said_of_a_linked_member() =>
        Assert.NotNull(Fit([.. LinkedByOne, new("not linked", 7, 8, one => one.Seen(null))]));

    private static void Fits(params Step<CouponRegister>[] history) =>
        Assert.Null(Register.Violation("coupon", history, CouponRegister.Start));

    private static void Breaks(params Step<CouponRegister>[] history) =>
        Assert.NotNull(Register.Violation("coupon", history, CouponRegister.Start));

    private static string? Fit(IEnumerable<Step<MemberRegister>> history) =>
        Register.Violation("member", history, MemberRegister.Free);

    private static Step<CouponRegister> Redeemed(int receipt, long from, long to) =>
        new($"redeemed {receipt}", from, to, one => one.Redeem(receipt));

    private static Step<CouponRegister> Replayed(int receipt, long from, long to) =>
        new($"replayed {receipt}", from, to, one => one.Replay(receipt));

    private static Step<CouponRegister> MaybeRedeemed(int receipt, long from) =>
        new($"redeem {receipt}", from, Never, one => one.MaybeRedeem(receipt));

    private static Step<CouponRegister> Refused(int receipt, long from, long to) =>
        new($"refused {receipt}", from, to, one => one.RefuseAsUsed(receipt));

    private static Step<CouponRegister> Voided(int receipt, long from, long to) =>
        new($"voided {receipt}", from, to, one => one.Void(receipt));

    private static Step<CouponRegister> MaybeVoided(int receipt, long from) =>
        new($"void {receipt}", from, Never, one => one.MaybeVoid(receipt));

    private static Step<CouponRegister> Barred(int receipt, long from, long to) =>
        new($"nothing to void {receipt}", from, to, one => one.Bar(receipt));

    private static Step<CouponRegister> SeenOver(int receipt, long from, long to) =>
        new($"seen void {receipt}", from, to, one => one.SeenOver(receipt));

    private static Step<CouponRegister> SeenFree(long from, long to) => new("seen free", from, to, one => one.SeenFree());

    private static Step<CouponRegister> SeenHolding(int receipt, long from, long to) =>
        new($"seen holding {receipt}", from, to, one => one.SeenHolding(receipt));

    private static Step<CouponRegister> SeenWithout(int receipt, long from, long to) =>
        new($"seen without {receipt}", from, to, one => one.SeenWithout(receipt));

    private static Step<CouponRegister> Ends(int? holder, int[] used, int[] voided, long from) => new(
        "end", from, from + 1,
        one => one.End(new(holder, used.Aggregate(0UL, (all, one) => all | 1UL << one), voided.Aggregate(0UL, (all, one) => all | 1UL << one))));
}
