using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;

namespace CoopLine.Grains.Tracing;

/// <summary>The newest spans of this process, so that a trace can be looked at where no trace store is installed.</summary>
public sealed class SpanRing
{
    public const int Capacity = 50_000;

    // Turned into records only when somebody asks: keeping a span then costs one array, not a dozen objects that grow old.
    private readonly Queue<Kept> spans = new();
    private readonly Lock adding = new();

    /// <param name="span">Ended, and without personal data.</param>
    public void Add(Activity span)
    {
        var kept = Kept.Of(span);
        lock (adding)
        {
            if (spans.Count == Capacity) spans.Dequeue();
            spans.Enqueue(kept);
        }
    }

    /// <summary>The spans of one trace that are still here, in the order of their beginnings.</summary>
    /// <param name="traceId">32 hexadecimal digits; fewer find every trace that begins so.</param>
    public ImmutableArray<RecordedSpan> OfTrace(string traceId)
    {
        var found = new List<RecordedSpan>();
        lock (adding)
        {
            foreach (var kept in spans)
                if (kept.TraceId.StartsWith(traceId, StringComparison.Ordinal)) found.Add(kept.Record());
        }

        return [.. found.OrderBy(span => span.Start)];
    }

    private readonly record struct Kept(
        string TraceId, string Id, string? Parent, string Name, DateTime Start, TimeSpan Duration, bool Failed,
        KeyValuePair<string, object?>[] Tags)
    {
        public static Kept Of(Activity span)
        {
            var count = 0;
            foreach (ref readonly var _ in span.EnumerateTagObjects()) count++;
            var tags = new KeyValuePair<string, object?>[count];
            foreach (ref readonly var tag in span.EnumerateTagObjects()) tags[^count--] = tag;
            return new(
                span.TraceId.ToHexString(), span.SpanId.ToHexString(), span.ParentSpanId == default ? null : span.ParentSpanId.ToHexString(),
                span.DisplayName, span.StartTimeUtc, span.Duration, span.Status == ActivityStatusCode.Error, tags);
        }

        public RecordedSpan Record() => new(
            TraceId, Id, Parent, Name, Start, Duration, Failed,
            [.. from tag in Tags where tag.Value is not null select new SpanTag(tag.Key, Text(tag.Value))]);

        private static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!;
    }
}

/// <param name="TraceId">32 hexadecimal digits.</param>
/// <param name="Id">16 hexadecimal digits.</param>
/// <param name="Parent">Null at the top of a trace.</param>
[GenerateSerializer, Immutable, Alias("coopline.recorded-span")]
public sealed record RecordedSpan(
    [property: Id(0)] string TraceId,
    [property: Id(1)] string Id,
    [property: Id(2)] string? Parent,
    [property: Id(3)] string Name,
    [property: Id(4)] DateTime Start,
    [property: Id(5)] TimeSpan Duration,
    [property: Id(6)] bool Failed,
    [property: Id(7)] ImmutableArray<SpanTag> Tags)
{
    /// <returns>Null when there is no such tag.</returns>
    public string? this[string key] => Tags.FirstOrDefault(tag => tag.Key == key)?.Value;
}

[GenerateSerializer, Immutable, Alias("coopline.span-tag")]
public sealed record SpanTag([property: Id(0)] string Key, [property: Id(1)] string Value);
