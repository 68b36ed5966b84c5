using System.ComponentModel.DataAnnotations;
using CoopLine.Grains.Registry;

namespace CoopLine.Grains.Messages;

/// <summary>How messages to many are sent: configuration section <c>CoopLine:Messages</c>.</summary>
public sealed class MessageOptions : IValidatableObject
{
    /// <summary>From this hour of the co-op's day on nothing is sent. Default 20:00.</summary>
    public TimeOnly QuietFrom { get; init; } = new(20, 0);

    /// <summary>From this hour on it is sent again. Default 8:00. The same as <see cref="QuietFrom"/>: no hour is quiet.</summary>
    public TimeOnly QuietTo { get; init; } = new(8, 0);

    /// <summary>So many messages of one topic does a person get at most within <see cref="CapDays"/>. Default 3.</summary>
    [Range(1, 1_000, ErrorMessage = "CoopLine:Messages:CapMessages is a number from 1 to 1000.")]
    public int CapMessages { get; init; } = 3;

    /// <summary>Default 7.</summary>
    [Range(1, 60, ErrorMessage = "CoopLine:Messages:CapDays is a number from 1 to 60.")]
    public int CapDays { get; init; } = 7;

    /// <summary>Up to so many persons, whoever wrote a message may approve it alone. Default 0: never.</summary>
    [Range(0, 1_000_000, ErrorMessage = "CoopLine:Messages:AloneUpTo is a number from 0 to 1000000.")]
    public int AloneUpTo { get; init; }

    /// <summary>Persons a call. Default 500, the most that LINE takes.</summary>
    [Range(1, 500, ErrorMessage = "CoopLine:Messages:BlockPersons is a number from 1 to 500.")]
    public int BlockPersons { get; init; } = 500;

    /// <summary>Calls to LINE a second, of all processes together. LINE takes 200 of the whole channel. Default 150.</summary>
    [Range(1, 200, ErrorMessage = "CoopLine:Messages:CallsPerSecond is a number from 1 to 200.")]
    public int CallsPerSecond { get; init; } = 150;

    /// <summary>So many of the month's messages are left to others. Default 100.</summary>
    [Range(0, 1_000_000, ErrorMessage = "CoopLine:Messages:QuotaMargin is a number from 0 to 1000000.")]
    public int QuotaMargin { get; init; } = 100;

    /// <summary>A send to more persons than this is spread over <see cref="SpreadMinutes"/> if nobody says otherwise. Default 20000.</summary>
    [Range(0, int.MaxValue, ErrorMessage = "CoopLine:Messages:SpreadAbove is a number from 0.")]
    public int SpreadAbove { get; init; } = 20_000;

    /// <summary>Default 15.</summary>
    [Range(0, 600, ErrorMessage = "CoopLine:Messages:SpreadMinutes is a number from 0 to 600.")]
    public int SpreadMinutes { get; init; } = 15;

    /// <summary>Who may get tests: member numbers, separated by spaces or commas. Default: none is named, and whoever is linked may.</summary>
    public string TestMembers { get; init; } = "";

    /// <summary>Messages of a month that the account's plan includes. Default 30000, LINE's standard plan.</summary>
    [Range(0, long.MaxValue, ErrorMessage = "CoopLine:Messages:Included is a number from 0.")]
    public long Included { get; init; } = 30_000;

    /// <summary>What one more message costs, by how many more there were this month. Default: LINE's published steps, without tax.</summary>
    /// <seealso href="https://www.lycbiz.com/jp/service/line-official-account/plan/"/>
    public PriceStep[] Prices { get; init; } = [];

    private string?[] Testers => [.. TestMembers.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).Select(MemberNumber.Read)];

    /// <returns>Whether this member may get tests.</returns>
    public bool MayTest(string number) => Testers is [] || Testers.Contains(number);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Testers.Contains(null)) yield return new("CoopLine:Messages:TestMembers: member numbers, separated by spaces or commas.");
        long before = 0;
        foreach (var step in Prices)
        {
            if (step.Yen is < 0 or > 1_000 || decimal.Round(step.Yen, 2) != step.Yen)
                yield return new("CoopLine:Messages:Prices: Yen is from 0 to 1000, with two decimals at most.");
            if (step.UpTo <= before) yield return new("CoopLine:Messages:Prices: UpTo grows from step to step.");
            before = step.UpTo ?? long.MaxValue;
        }

        if (Prices is [.., { UpTo: not null }])
            yield return new("CoopLine:Messages:Prices: the last step has no UpTo, so that every message has a price.");
    }
}

/// <param name="UpTo">The last message beyond the included ones at this price; null for the last step.</param>
/// <param name="Yen">For one message, e.g. 2.8.</param>
public sealed record PriceStep(long? UpTo, decimal Yen);
