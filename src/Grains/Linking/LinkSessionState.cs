using System.Collections.Immutable;

namespace CoopLine.Grains.Linking;

/// <summary>The ten minutes and the single use of a link page.</summary>
public sealed record LinkSessionState
{
    /// <summary>From the opening of the page.</summary>
    public static readonly TimeSpan TimeToFinish = TimeSpan.FromMinutes(10);

    /// <summary>From the sending of the message.</summary>
    public static readonly TimeSpan TimeToOpen = TimeSpan.FromHours(24);

    private const int MaxNonces = 5;

    public string? Account { get; init; }

    public DateTimeOffset IssuedAt { get; init; }

    public DateTimeOffset? OpenedAt { get; init; }

    public bool Replaced { get; init; }

    /// <summary>One for each time that the form was answered rightly.</summary>
    public ImmutableArray<Nonce> Nonces { get; init; } = [];

    /// <summary>What became of it.</summary>
    public Consumption? Consumed { get; init; }

    private DateTimeOffset? Deadline => OpenedAt + TimeToFinish;

    public LinkSessionStatus StatusAt(DateTimeOffset now) => this switch
    {
        { Account: null } => LinkSessionStatus.Unknown,
        { Consumed.Member: not null } => LinkSessionStatus.Finished,
        { Consumed: not null } => LinkSessionStatus.Expired,
        { Replaced: true } => LinkSessionStatus.Replaced,
        { Deadline: { } deadline } => now < deadline ? LinkSessionStatus.Open : LinkSessionStatus.Expired,
        _ => now < IssuedAt + TimeToOpen ? LinkSessionStatus.Issued : LinkSessionStatus.Expired,
    };

    public LinkSessionView ViewAt(DateTimeOffset now) => new(StatusAt(now), Account, Deadline);

    public LinkSessionState Issue(string account, DateTimeOffset at) =>
        Account is null ? this with { Account = account, IssuedAt = at } : this;

    public LinkSessionState Open(DateTimeOffset now) =>
        StatusAt(now) == LinkSessionStatus.Issued ? this with { OpenedAt = now } : this;

    public LinkSessionState StartDialog(string nonceHash, string member, DateTimeOffset now) =>
        StatusAt(now) == LinkSessionStatus.Open
            ? this with { Nonces = [.. Nonces.TakeLast(MaxNonces - 1), new(nonceHash, member)] }
            : this;

    public LinkSessionState Replace() => Account is null || Replaced ? this : this with { Replaced = true };

    public (LinkSessionState Next, NonceOutcome Outcome) Consume(
        string account, string nonceHash, string operation, DateTimeOffset eventAt)
    {
        if (account != Account) return (this, new NonceOutcome.Worthless());
        if (Consumed is { } done)
            return (this, done.Operation == operation ? done.Outcome : new NonceOutcome.Worthless());
        if (Replaced || Nonces.FirstOrDefault(nonce => nonce.Hash == nonceHash) is not { } issued)
            return (this, new NonceOutcome.Worthless());
        var consumed = new Consumption(operation, eventAt < Deadline ? issued.Member : null);
        return (this with { Consumed = consumed }, consumed.Outcome);
    }

    /// <param name="Hash">SHA-256, lower-case hex.</param>
    /// <param name="Member">Whom the answers named.</param>
    public sealed record Nonce(string Hash, string Member);

    /// <param name="Member">Null when it came too late.</param>
    public sealed record Consumption(string Operation, string? Member)
    {
        internal NonceOutcome Outcome => Member is null ? new NonceOutcome.TooLate() : new NonceOutcome.Good(Member);
    }
}
