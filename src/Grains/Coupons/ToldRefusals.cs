using System.Collections.Immutable;
using System.Globalization;

namespace CoopLine.Grains.Coupons;

/// <summary>
/// The refusals of an answer as one value of a span: <c>campaign|reason|used at|used in store</c>, the next behind a
/// semicolon. What a refusal does not have is empty. There is no personal data in it.
/// </summary>
public static class ToldRefusals
{
    internal static string Write(ImmutableArray<Refusal> refusals) => string.Join(';', refusals.Select(one => string.Join(
        '|', one.Campaign, one.Reason, one.UsedAt?.ToString("O", CultureInfo.InvariantCulture), one.UsedStore)));

    public static ImmutableArray<Refusal> Read(string written) =>
    [
        .. from one in written.Split(';')
           let parts = one.Split('|')
           where parts.Length == 4
           select new Refusal(
               Some(parts[0]), Enum.Parse<RefusalReason>(parts[1]),
               Some(parts[2]) is { } at ? DateTimeOffset.ParseExact(at, "O", CultureInfo.InvariantCulture) : null, Some(parts[3])),
    ];

    private static string? Some(string part) => part.Length == 0 ? null : part;
}
