namespace CoopLine.Grains.Messages;

/// <summary>
/// A message that defines itself, each time that there is a reason: off until somebody has approved the rule. What it defines is a
/// message as any other, with the same plan and limits, which staff can pause and stop. Key: <c>v-</c> + the reason's name.
/// </summary>
[Alias("coopline.automatic-message-grain")]
public interface IAutomaticMessageGrain : IUnfinishedGrain
{
    /// <summary>Defines the rule; it is off afterwards, unless it was the same before.</summary>
    [Alias("define")]
    Task<AutomaticOutcome> Define(AutomaticRule rule, string staff);

    /// <summary>From the next time of day on, it goes out.</summary>
    /// <param name="hash">Of what the approver has seen.</param>
    [Alias("turn-on")]
    Task<AutomaticOutcome> TurnOn(string hash, string staff);

    /// <summary>It defines no further message. One that is defined stays.</summary>
    [Alias("turn-off")]
    Task<AutomaticOutcome> TurnOff(string staff);

    /// <returns>Null before the first definition.</returns>
    [Alias("read")]
    Task<AutomaticMessage?> Read();
}

/// <summary>Why a message goes out by itself.</summary>
[GenerateSerializer, Alias("coopline.automatic-reason")]
public enum AutomaticReason
{
    /// <summary>A coupon can be used from now on: to whoever has it.</summary>
    CouponStarts,

    /// <summary>A coupon ends in some days: to whoever has it and has not used it.</summary>
    CouponEnds,

    /// <summary>Coupons saved somebody money today: to whoever has asked to be told.</summary>
    Saved,
}

/// <param name="At">When it goes out, in the co-op's time.</param>
/// <param name="DaysBefore">Of a coupon that ends: so many days before its last; 0 on it. Else 0.</param>
/// <param name="Topic">Whoever has turned it off gets none.</param>
/// <param name="Content">With variables; the card of a coupon opens the coupon that it is about.</param>
/// <param name="CeilingYen">Whole yen that each message may cost beyond what the account's plan includes.</param>
[GenerateSerializer, Immutable, Alias("coopline.automatic-rule")]
public sealed record AutomaticRule(
    [property: Id(0)] TimeOnly At,
    [property: Id(1)] int DaysBefore,
    [property: Id(2)] Accounts.Topic Topic,
    [property: Id(3)] MessageContent Content,
    [property: Id(4)] int CeilingYen);

/// <param name="Hash">Of the rule: what is approved.</param>
/// <param name="On">By whom it was turned on, and when; null while it is off.</param>
[GenerateSerializer, Immutable, Alias("coopline.automatic-message")]
public sealed record AutomaticMessage(
    [property: Id(0)] AutomaticRule Rule,
    [property: Id(1)] string Hash,
    [property: Id(2)] string Author,
    [property: Id(3)] Review? On);

[GenerateSerializer, Immutable, Alias("coopline.automatic-outcome")]
public abstract record AutomaticOutcome
{
    private protected AutomaticOutcome()
    {
    }

    [GenerateSerializer, Immutable, Alias("coopline.automatic-outcome.done")]
    public sealed record Done([property: Id(0)] AutomaticMessage Message) : AutomaticOutcome;

    [GenerateSerializer, Immutable, Alias("coopline.automatic-outcome.unknown")]
    public sealed record Unknown : AutomaticOutcome;

    /// <summary>It is not what the approver has seen.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.automatic-outcome.changed")]
    public sealed record Changed([property: Id(0)] AutomaticMessage Message) : AutomaticOutcome;

    /// <summary>Whoever wrote it cannot approve it.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.automatic-outcome.own-work")]
    public sealed record OwnWork : AutomaticOutcome;

    /// <summary>It would go out at night.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.automatic-outcome.at-night")]
    public sealed record AtNight : AutomaticOutcome;
}
