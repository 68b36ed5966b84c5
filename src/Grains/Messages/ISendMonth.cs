namespace CoopLine.Grains.Messages;

/// <summary>What all messages together take of a month, for all processes.</summary>
public interface ISendMonth
{
    /// <summary>The first answer of LINE in a month: this one, unless somebody had one before.</summary>
    Task<FirstAnswer> First(FirstAnswer said, CancellationToken cancellation = default);

    /// <summary>What was handed to LINE and what will be, all of it at one moment.</summary>
    /// <param name="campaign">Whose place in the month it is; null: that of a message which has not begun, behind all others.</param>
    Task<HandedOver> HandedOver(DateTimeOffset month, DateTimeOffset first, string? campaign, CancellationToken cancellation = default);
}

/// <param name="Used">What LINE counted then.</param>
public sealed record FirstAnswer(DateTimeOffset At, long Used);

/// <summary>Persons. Messages that go out at the same time use the month in the order in which they were begun or resumed.</summary>
/// <param name="InMonth">Handed over this month.</param>
/// <param name="SinceFirst">Handed over since LINE's first answer.</param>
/// <param name="Before">Who still waits in messages that were begun before this one.</param>
/// <param name="Behind">Who was handed over by messages that were begun behind it, since then.</param>
public sealed record HandedOver(long InMonth, long SinceFirst, long Before, long Behind);
