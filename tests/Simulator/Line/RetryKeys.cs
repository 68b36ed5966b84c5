using System.Text.Json.Nodes;

namespace CoopLine.Simulator.Line;

internal abstract record Acceptance
{
    public sealed record First : Acceptance;
    public sealed record Again(string AcceptedRequestId, JsonNode? SentMessages) : Acceptance;
    public sealed record OtherBody : Acceptance;

    /// <summary>It will not be sent: the key stays as it was.</summary>
    public sealed record Refused : Acceptance;
}

/// <summary>Remembers accepted requests by retry key for 24 hours; after that the same key sends again.</summary>
internal sealed class RetryKeys(TimeProvider clock)
{
    private static readonly TimeSpan Memory = TimeSpan.FromHours(24);

    private readonly Lock gate = new();
    private readonly Dictionary<Guid, Accepted> accepted = [];

    /// <param name="takes">Whether a request that is the first with its key can be sent.</param>
    public Acceptance Accept(Guid key, RecordedCall call, JsonNode? sentMessages, Func<bool> takes)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            if (accepted.TryGetValue(key, out var before) && now - before.At < Memory)
            {
                return before.Name == call.Name && before.Body.Span.SequenceEqual(call.Bytes.Span)
                    ? new Acceptance.Again(before.RequestId, before.SentMessages?.DeepClone())
                    : new Acceptance.OtherBody();
            }
            if (!takes()) return new Acceptance.Refused();
            accepted[key] = new(call.Name, call.Bytes, call.RequestId, sentMessages, now);
            return new Acceptance.First();
        }
    }

    /// <summary>Of a process before this one.</summary>
    public void Remember(Memory.Taken taken)
    {
        lock (gate) accepted[taken.Key] = new(LineCall.Multicast, taken.Body, taken.RequestId, null, taken.At);
    }

    private sealed record Accepted(
        LineCall Name, ReadOnlyMemory<byte> Body, string RequestId, JsonNode? SentMessages, DateTimeOffset At);
}
