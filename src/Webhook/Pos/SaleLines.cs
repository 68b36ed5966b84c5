using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Runtime.InteropServices;
using CoopLine.Grains.Redemptions;

namespace CoopLine.Webhook.Pos;

/// <summary>The lines of a receipt as a whole, as they are sent.</summary>
internal static class SaleLines
{
    public static IEnumerable<ValidationResult> ObjectionsTo(IReadOnlyList<SaleLineRequest?> lines)
    {
        const string Name = nameof(RedemptionRequest.Lines);
        for (var i = 0; i < lines.Count; i++)
            if (lines[i] is null)
                yield return new("A line is an object.", [$"{Name}[{i}]"]);

        var numbers = lines.OfType<SaleLineRequest>().GroupBy(line => line.Line);
        foreach (var twice in numbers.Where(same => same.Count() > 1))
            yield return new($"Line number {twice.Key} is there twice.", [Name]);
    }

    /// <summary>By number.</summary>
    public static SaleLineRequest[] InOrder(IReadOnlyList<SaleLineRequest> lines)
    {
        SaleLineRequest[] sorted = [.. lines];
        Array.Sort(sorted, (one, other) => one.Line!.Value.CompareTo(other.Line!.Value));
        return sorted;
    }

    /// <returns>The lines that a coupon may be used on, and what the others come to.</returns>
    public static (ImmutableArray<SaleLine> Items, long OtherYen) Read(SaleLineRequest[] lines)
    {
        var items = new SaleLine[lines.Length];
        var count = 0;
        var otherYen = 0L;
        foreach (var line in lines)
        {
            if (line.ToSaleLine() is { } item) items[count++] = item;
            else otherYen += line.Yen;
        }

        if (count < items.Length) Array.Resize(ref items, count);
        return (ImmutableCollectionsMarshal.AsImmutableArray(items), otherYen);
    }
}
