namespace CoopLine.ClusterTests.Histories;

/// <summary>The checker of receipts: histories made by hand, with and without each kind of violation.</summary>
public sealed class Fitting_a_receipt
{
    private const string Sale = "sale";
    private const string Other = "other lines";
    private const string Ten = "10 yen";
    private const string Twenty = "20 yen";

    [Fact]
    public void One_decision_and_the_same_answer_ever_after_fits() => Fits(
        Decided("a", Sale, Ten, 1, 2), Replayed("b", Sale, by: "a", Ten, 3, 4), Another("c", Other, 5, 6),
        Replayed("d", Sale, by: "a", Ten, 7, 8), Ends("a", 9));

    [Fact]
    public void Of_two_bodies_at_once_either_may_be_decided() => Fits(
        Decided("a", Other, Ten, 2, 8), Another("b", Sale, 1, 9), Replayed("c", Other, by: "a", Ten, 3, 7));

    [Fact]
    public void Two_decisions_do_not_fit() => Breaks(Decided("a", Sale, Ten, 1, 5), Decided("b", Sale, Ten, 2, 6));

    [Fact]
    public void Two_bodies_that_are_both_decided_do_not_fit() => Breaks(Decided("a", Sale, Ten, 1, 5), Decided("b", Other, Ten, 2, 6));

    [Fact]
    public void The_same_body_with_another_answer_does_not_fit() =>
        Breaks(Decided("a", Sale, Ten, 1, 2), Replayed("b", Sale, by: "a", Twenty, 3, 4));

    [Fact]
    public void The_decision_of_another_call_does_not_fit() =>
        Breaks(Decided("a", Sale, Ten, 1, 2), Replayed("b", Sale, by: "c", Ten, 3, 4));

    [Fact]
    public void Another_body_that_gets_the_answer_does_not_fit() =>
        Breaks(Decided("a", Sale, Ten, 1, 2), Replayed("b", Other, by: "a", Ten, 3, 4));

    [Fact]
    public void The_decided_body_that_is_turned_away_does_not_fit() => Breaks(Decided("a", Sale, Ten, 1, 2), Another("b", Sale, 3, 4));

    [Fact]
    public void A_body_that_is_turned_away_from_an_open_receipt_does_not_fit() => Breaks(Another("a", Other, 1, 2), Decided("b", Sale, Ten, 3, 4));

    [Fact]
    public void Refusals_before_the_decision_fit_and_after_it_do_not()
    {
        Fits(Refused("a", 1, 2), Refused("b", 3, 4), Decided("c", Sale, Ten, 5, 6));
        Breaks(Decided("a", Sale, Ten, 1, 2), Refused("b", 3, 4));
    }

    [Fact]
    public void A_first_answer_is_no_replay_unless_the_program_called_itself_again()
    {
        Fits(Replayed("a", Sale, by: "a", Ten, 1, 2), Replayed("b", Sale, by: "a", Ten, 3, 4));
        Breaks(Replayed("a", Sale, by: "b", Ten, 1, 2));
    }

    [Fact]
    public void A_decision_that_is_another_call_s_is_no_first_answer() => Breaks(
        new Step<ReceiptRegister>("decided", 1, 2, now => now.Decide(Sale, trace: "a", by: "b", Ten)));

    [Fact]
    public void A_call_without_an_answer_may_have_decided() =>
        Fits(Unanswered("a", Sale, 1), Replayed("b", Sale, by: "a", Ten, 2, 3), Another("c", Other, 4, 5), Ends("a", 6));

    [Fact]
    public void A_call_without_an_answer_may_not_have_decided() => Fits(Unanswered("a", Other, 1), Decided("b", Sale, Ten, 2, 3), Ends("b", 4));

    [Fact]
    public void A_call_without_an_answer_that_decided_has_one_answer() => Breaks(
        Unanswered("a", Sale, 1), Replayed("b", Sale, by: "a", Ten, 2, 3), Replayed("c", Sale, by: "a", Twenty, 4, 5));

    [Fact]
    public void Two_calls_without_an_answer_do_not_both_decide() => Breaks(
        Unanswered("a", Sale, 1), Unanswered("b", Sale, 2), Replayed("c", Sale, by: "a", Ten, 3, 4), Replayed("d", Sale, by: "b", Ten, 5, 6));

    [Fact]
    public void A_decision_that_the_ledger_lost_does_not_fit() => Breaks(Decided("a", Sale, Ten, 1, 2), EndsOpen(3));

    [Fact]
    public void A_decision_in_the_ledger_that_nobody_asked_for_does_not_fit() => Breaks(Refused("a", 1, 2), Ends("b", 3));

    [Fact]
    public void A_decision_in_the_ledger_that_is_another_call_s_does_not_fit() => Breaks(Decided("a", Sale, Ten, 1, 2), Ends("b", 3));

    private static void Fits(params Step<ReceiptRegister>[] history) =>
        Assert.Null(Register.Violation("receipt", history, ReceiptRegister.Open));

    private static void Breaks(params Step<ReceiptRegister>[] history) =>
        Assert.NotNull(Register.Violation("receipt", history, ReceiptRegister.Open));

    private static Step<ReceiptRegister> Decided(string trace, string body, string told, long from, long to) =>
        new($"{trace}: {body}, {told}", from, to, now => now.Decide(body, trace, trace, told));

    private static Step<ReceiptRegister> Replayed(string trace, string body, string by, string told, long from, long to) =>
        new($"{trace}: {body}, {told}, replayed", from, to, now => now.Replay(body, trace, by, told));

    private static Step<ReceiptRegister> Another(string trace, string body, long from, long to) =>
        new($"{trace}: {body}, another request", from, to, now => now.RefuseAsAnother(body));

    private static Step<ReceiptRegister> Refused(string trace, long from, long to) =>
        new($"{trace}: refused", from, to, now => now.Refuse());

    private static Step<ReceiptRegister> Unanswered(string trace, string body, long from) =>
        new($"{trace}: {body}", from, Step<ReceiptRegister>.Never, now => now.MaybeDecide(body, trace));

    private static Step<ReceiptRegister> Ends(string trace, long at) => new("end: decided", at, at + 1, now => now.End(true, trace));

    private static Step<ReceiptRegister> EndsOpen(long at) => new("end: open", at, at + 1, now => now.End(false, null));
}
