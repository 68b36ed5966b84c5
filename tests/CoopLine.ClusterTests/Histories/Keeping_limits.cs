namespace CoopLine.ClusterTests.Histories;

/// <summary>The checker of limits: histories made by hand, right and wrong.</summary>
public sealed class Keeping_limits
{
    private const string A = "2026-11-22/1/05/1";
    private const string B = "2026-11-22/1/05/2";
    private const string C = "2026-11-22/1/05/3";
    private const string InStore2 = "2026-11-22/2/05/4";
    private const string AlsoInStore2 = "2026-11-22/2/05/5";
    private const string NextDay = "2026-11-23/1/05/6";
    private const string NoCode = "2026-11-22/";

    private static readonly string[] All = [A, B, C, InStore2, AlsoInStore2, NextDay];

    private static readonly Limits Two = new(Total: 2);
    private static readonly Limits TwoInAStore = new(EachStore: 2);
    private static readonly Limits TwoADay = new(EachDay: 2);
    private static readonly Limits OneInStore2 = new(Total: 3, EachStore: 3, new Dictionary<string, int> { ["2"] = 1 });

    [Fact]
    public void As_many_uses_as_the_limit_fit_and_the_next_one_is_refused()
    {
        Fits(Two, of => { Full(of); of.SoldOut(C, 5, 6); });
        Fits(TwoInAStore, of => { Full(of); of.SoldOut(C, 5, 6); });
        Fits(TwoADay, of => { Full(of); of.SoldOut(C, 5, 6); });
        Fits(OneInStore2, of => { of.Used(InStore2, 1, 2); of.SoldOut(AlsoInStore2, 3, 4); });
    }

    [Fact]
    public void One_use_more_than_the_limit_does_not_fit()
    {
        Breaks("3 uses in all", Two, of => { Full(of); of.Used(InStore2, 5, 6); });
        Breaks("3 uses in store 1", TwoInAStore, of => { Full(of); of.Used(C, 5, 6); });
        Breaks("3 uses on 2026-11-22", TwoADay, of => { Full(of); of.Used(InStore2, 5, 6); });
        Breaks("2 uses in store 2", OneInStore2, of => { of.Used(InStore2, 1, 2); of.Used(AlsoInStore2, 3, 4); });
    }

    [Fact]
    public void Another_store_and_another_day_have_room_of_their_own()
    {
        Fits(TwoInAStore, of => { Full(of); of.Used(InStore2, 5, 6); });
        Fits(TwoADay, of => { Full(of); of.Used(NextDay, 5, 6); });
        Breaks("while there was room", TwoInAStore, of => { Full(of); of.SoldOut(InStore2, 5, 6); });
        Breaks("while there was room", TwoADay, of => { Full(of); of.SoldOut(NextDay, 5, 6); });
    }

    [Fact]
    public void Nobody_is_refused_while_there_is_room() =>
        Breaks("at most 1 in all of 2", Two, of => { of.Used(A, 1, 2); of.SoldOut(C, 3, 4); of.Used(B, 5, 6); });

    [Fact]
    public void A_use_under_way_may_be_the_last_one() => Fits(Two, of => { of.Used(A, 1, 2); of.Used(B, 3, 6); of.SoldOut(C, 4, 5); });

    [Fact]
    public void A_void_makes_room()
    {
        Fits(Two, of => { Full(of); of.TakenBack(A, 5, 6); of.Used(C, 7, 8); });
        Breaks("while there was room", Two, of => { Full(of); of.TakenBack(A, 5, 6); of.SoldOut(C, 7, 8); of.Used(C, 9, 10); });
    }

    [Fact]
    public void A_void_under_way_has_made_room_or_not()
    {
        Fits(Two, of => { Full(of); of.TakenBack(A, 5, 8); of.Used(C, 6, 7); });
        Fits(Two, of => { Full(of); of.TakenBack(A, 5, 8); of.SoldOut(C, 6, 7); });
        Fits(Two, of => { Full(of); of.SoldOut(C, 5, 8); of.TakenBack(A, 6, 7); });
    }

    [Fact]
    public void A_void_that_begins_after_the_third_use_was_answered_comes_too_late() =>
        Breaks("3 uses in all", Two, of => { Full(of); of.Used(C, 5, 6); of.TakenBack(A, 7, 8); });

    [Fact]
    public void A_use_without_an_answer_counts_at_some_time_if_the_ledger_has_it()
    {
        Fits(Two, Unanswered);
        Breaks("at most 1 in all of 2", Two, Unanswered, used: [A]);
        Fits(Two, of => { Full(of); of.Used(C, 5, null); of.TakenBack(A, 6, 7); });

        static void Unanswered(LimitHistory of)
        {
            of.Used(A, 1, 2);
            of.Used(B, 3, null);
            of.SoldOut(C, 4, 5);
        }
    }

    [Fact]
    public void A_use_without_an_answer_does_not_count_before_it_begins() =>
        Breaks("at most 1 in all of 2", Two, of => { of.Used(A, 1, 2); of.SoldOut(C, 3, 4); of.Used(B, 5, null); });

    [Fact]
    public void A_void_without_an_answer_makes_room_at_some_time_if_the_ledger_has_it()
    {
        Fits(Two, of => { Full(of); of.TakenBack(A, 5, null); of.Used(C, 6, 7); });
        Fits(Two, of => { Full(of); of.TakenBack(A, 5, null); of.SoldOut(C, 6, 7); });
        Breaks("3 uses in all", Two, of => { Full(of); of.TakenBack(A, 5, null); of.Used(C, 6, 7); }, takenBack: []);
    }

    [Fact]
    public void A_receipt_that_is_sent_again_counts_once()
    {
        Fits(Two, of => { of.Used(A, 1, null); of.Used(A, 2, 3); of.Used(A, 4, 5); of.Used(B, 6, 7); });
        Breaks("while there was room", Two, of => { of.Used(A, 1, null); of.Used(A, 2, 3); of.SoldOut(C, 4, 5); });
    }

    [Fact]
    public void No_code_is_given_out_only_when_there_is_room_in_no_store()
    {
        Fits(Two, of => { Full(of); of.SoldOut(NoCode, 5, 6); });
        Breaks("while there was room", OneInStore2, of => { of.Used(InStore2, 1, 2); of.SoldOut(NoCode, 3, 4); });
    }

    private static void Full(LimitHistory of)
    {
        of.Used(A, 1, 2);
        of.Used(B, 3, 4);
    }

    private static void Fits(Limits limits, Action<LimitHistory> history) => Assert.Empty(Violations(limits, history, All, All));

    /// <param name="used">In the ledger; null: all.</param>
    /// <param name="takenBack">In the ledger; null: all.</param>
    private static void Breaks(string told, Limits limits, Action<LimitHistory> history, string[]? used = null, string[]? takenBack = null) =>
        Assert.Contains(told, Assert.Single(Violations(limits, history, used ?? All, takenBack ?? All)), StringComparison.Ordinal);

    private static string[] Violations(Limits limits, Action<LimitHistory> history, string[] used, string[] takenBack)
    {
        var of = new LimitHistory(limits);
        history(of);
        return [.. of.Violations(used.ToHashSet(), takenBack.ToHashSet())];
    }
}
