using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using CoopLine.Grains;
using CoopLine.Grains.Redemptions;
using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Staff;

/// <summary>Reads the baskets of a body, one a line, each checked as other bodies are.</summary>
internal sealed class GivenBaskets(IOptions<JsonOptions> json, CoopTime time)
{
    private const int LinesMax = 1_000_000;

    /// <exception cref="BasketUnreadableException">A line is no basket, or there are too many lines. One without anything is passed over.</exception>
    public async IAsyncEnumerable<Basket> Read(PipeReader body, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var (line, text) in JsonLines.Read(body, cancellation))
        {
            if (text.Length > JsonLines.LineMax) throw new BasketUnreadableException(line, $"A line has at most {JsonLines.LineMax:N0} bytes.");
            if (line > LinesMax) throw new BasketUnreadableException(line, $"At most {LinesMax:N0} lines.");
            if (JsonLines.IsEmpty(text)) continue;
            var basket = Parse(line, text);
            if (Checks.ObjectionsTo(basket) is [var objection, ..]) throw new BasketUnreadableException(line, objection.ErrorMessage!);
            yield return basket.ToBasket(time);
        }
    }

    private BasketRequest Parse(int line, ReadOnlySequence<byte> text)
    {
        try
        {
            var reader = new Utf8JsonReader(text);
            var basket = JsonSerializer.Deserialize<BasketRequest>(ref reader, json.Value.SerializerOptions)
                ?? throw new BasketUnreadableException(line, "A basket is an object.");
            reader.Read(); // throws where something follows
            return basket;
        }
        catch (JsonException e)
        {
            throw new BasketUnreadableException(line, $"This is no basket, at {e.Path ?? "its end"}.", e);
        }
    }
}

/// <param name="line">From 1.</param>
internal sealed class BasketUnreadableException(int line, string message, Exception? inner = null) : Exception(message, inner)
{
    public int Line => line;
}
