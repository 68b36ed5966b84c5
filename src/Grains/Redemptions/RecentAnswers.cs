using System.Collections.Immutable;
using CoopLine.Grains.Coupons;
using Orleans.Placement;

namespace CoopLine.Grains.Redemptions;

/// <summary>
/// What tills were told lately, in this process and in every silo: repeated answers and refusals are kept nowhere else.
/// </summary>
public sealed class RecentAnswers(EverySilo silos, IGrainFactory grains)
{
    public const int Capacity = 20_000;

    private readonly Queue<TillAnswer> ring = new();
    private readonly Lock adding = new();

    public void Add(TillAnswer answer)
    {
        lock (adding)
        {
            if (ring.Count == Capacity) ring.Dequeue();
            ring.Enqueue(answer);
        }
    }

    /// <summary>Newest first.</summary>
    public async Task<ImmutableArray<TillAnswer>> Find(AnswerQuery query)
    {
        var elsewhere = await silos.Ask(silo => grains.RecentAnswers(silo).Find(query));
        return [.. elsewhere.Where(query.Wants).Concat(Here(query)).Distinct().OrderByDescending(answer => answer.At).Take(query.Limit)];
    }

    internal ImmutableArray<TillAnswer> Here(AnswerQuery query)
    {
        lock (adding) return [.. ring.Where(query.Wants).Reverse().Take(query.Limit)];
    }
}

/// <summary>What a till was told.</summary>
/// <param name="At">By the clock of the ledger.</param>
/// <param name="Outcome">The result of an answer, else the name of the outcome; <see cref="NoAnswer"/> when the call failed.</param>
/// <param name="Refusals">Of each coupon that was refused.</param>
[GenerateSerializer, Immutable, Alias("coopline.till-answer")]
public sealed record TillAnswer(
    [property: Id(0)] string Receipt,
    [property: Id(1)] DateTimeOffset At,
    [property: Id(2)] string? TraceId,
    [property: Id(3)] string Outcome,
    [property: Id(4)] bool Replayed,
    [property: Id(5)] ImmutableArray<Refusal> Refusals)
{
    public const string NoAnswer = "NoAnswer";

    /// <summary>It asked only, with a code that nobody has.</summary>
    public const string Evaluated = "Evaluated";

    /// <summary>The same call, whoever tells of it.</summary>
    public bool Equals(TillAnswer? other) =>
        other is not null && (Receipt, At, TraceId, Outcome) == (other.Receipt, other.At, other.TraceId, other.Outcome);

    public override int GetHashCode() => HashCode.Combine(Receipt, At, TraceId);
}

/// <param name="TraceId">Only of traces whose id begins so, or is this one; null for any.</param>
/// <param name="Receipt">Only of receipts that begin so, date/store/register/number; null for any.</param>
/// <param name="Number">Only of receipts with this number, of whatever day, store and register; null for any.</param>
[GenerateSerializer, Immutable, Alias("coopline.answer-query")]
public sealed record AnswerQuery(
    [property: Id(0)] string? TraceId, [property: Id(1)] string? Receipt, [property: Id(2)] int Limit, [property: Id(3)] string? Number = null)
{
    internal bool Wants(TillAnswer answer) =>
        (TraceId is null || answer.TraceId?.StartsWith(TraceId, StringComparison.Ordinal) == true)
        && (Number is null || answer.Receipt.EndsWith("/" + Number, StringComparison.Ordinal))
        && (Receipt is null || answer.Receipt.StartsWith(Receipt, StringComparison.Ordinal));
}

/// <summary>The <see cref="RecentAnswers"/> of one silo. Key: <c>y-</c> + the silo's address.</summary>
[Alias("coopline.recent-answers")]
internal interface IRecentAnswersGrain : ISiloGrain
{
    [Alias("find")]
    Task<ImmutableArray<TillAnswer>> Find(AnswerQuery query);
}

[GrainType("recent-answers"), PreferLocalPlacement]
internal sealed class RecentAnswersGrain(RecentAnswers answers, ILocalSiloDetails here) : SiloGrain(here), IRecentAnswersGrain
{
    public Task<ImmutableArray<TillAnswer>> Find(AnswerQuery query) => Task.FromResult(answers.Here(query));
}
