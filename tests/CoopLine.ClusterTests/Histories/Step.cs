namespace CoopLine.ClusterTests.Histories;

/// <summary>One call, as the caller saw it, and what it says of a register.</summary>
/// <param name="Text">For whoever reads the history.</param>
/// <param name="Invoked">When the call began, on a clock that gives every moment once.</param>
/// <param name="Returned">When its answer came; <see cref="Never"/> when none came that says what happened.</param>
/// <param name="Take">
/// The register after the call, or null when the call cannot have had this answer in this state. Of a call without an
/// answer: the register if the call did happen.
/// </param>
internal sealed record Step<TState>(string Text, long Invoked, long Returned, Func<TState, TState?> Take)
    where TState : class
{
    public const long Never = long.MaxValue;

    public bool IsKnown => Returned != Never;

    public override string ToString() => $"{Invoked,7} … {(IsKnown ? Returned : "unknown"),7}  {Text}";
}
