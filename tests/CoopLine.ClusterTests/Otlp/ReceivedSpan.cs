using System.Text;
using Google.Protobuf;

namespace CoopLine.ClusterTests.Otlp;

/// <param name="Process">Instance id of the process that sent it.</param>
internal sealed record ReceivedSpan(string Process, OtlpSpan Span)
{
    public string TraceId => Hex(Span.TraceId);

    public string Id => Hex(Span.SpanId);

    /// <summary>Empty: none.</summary>
    public string Parent => Hex(Span.ParentSpanId);

    public string Name => Span.Name;

    public IEnumerable<string> Links => Span.Links.Select(link => Hex(link.SpanId));

    /// <summary>An attribute as text; null when there is none.</summary>
    public string? this[string key] => Span.Attributes.FirstOrDefault(one => one.Key == key)?.Value switch
    {
        null => null,
        { ValueCase: AnyValue.ValueOneofCase.StringValue } text => text.StringValue,
        { ValueCase: AnyValue.ValueOneofCase.BoolValue } yes => yes.BoolValue ? "true" : "false",
        { ValueCase: AnyValue.ValueOneofCase.IntValue } number => $"{number.IntValue}",
        var other => other.ToString(),
    };

    /// <summary>Names of a span and of all above it within the trace, from the top.</summary>
    public string Path(IReadOnlyList<ReceivedSpan> trace) =>
        trace.FirstOrDefault(span => span.Id == Parent) is { } parent ? $"{parent.Path(trace)} > {Name}" : Name;

    /// <summary>For whoever reads a failure.</summary>
    public static string Tree(IReadOnlyList<ReceivedSpan> trace)
    {
        var text = new StringBuilder();
        foreach (var top in trace.Where(span => trace.All(other => other.Id != span.Parent))) Add(top, 0);
        return text.ToString();

        void Add(ReceivedSpan span, int depth)
        {
            text.Append(' ', 2 * depth).Append(span.Name).Append(" @").Append(span.Process.AsSpan(0, 4));
            foreach (var one in span.Span.Attributes) text.Append(' ').Append(one.Key).Append('=').Append(span[one.Key]);
            text.Append('\n');
            foreach (var child in trace.Where(other => other.Parent == span.Id)) Add(child, depth + 1);
        }
    }

    private static string Hex(ByteString bytes) => Convert.ToHexStringLower(bytes.Span);
}
