using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CoopLine.Simulator.Line;

/// <summary>Signs events and brings them to CoopLine, with whatever trouble is switched on.</summary>
internal sealed class Webhooks(LineSimulator line, ReplyTokens replyTokens, Changes changes) : IDisposable
{
    // LINE's patience ends after 2 s; a test run on a busy machine needs more before a stuck call is given up.
    private readonly HttpClient client = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly Lock gate = new();
    private readonly List<JsonObject[]> held = [];
    private readonly List<JsonObject[]> failed = [];

    public int HeldCount
    {
        get
        {
            lock (gate) return held.Count;
        }
    }

    /// <returns>CoopLine's last answer; null when held back, or when CoopLine could not be reached.</returns>
    public async Task<HttpStatusCode?> Send(params JsonObject[] events)
    {
        var trouble = line.Trouble.Webhooks;
        if (trouble.HoldBack)
        {
            lock (gate) held.Add(events);
            changes.Announce();
            return null;
        }

        HttpStatusCode? status = null;
        var body = Body(events);
        for (var copy = 0; copy < Math.Max(1, trouble.Copies); copy++) status = await TryPost(body);
        for (var again = 0; again < trouble.Redeliveries && !IsSuccess(status); again++)
        {
            status = await TryPost(Body(events.Select(LineEvents.Redelivered)));
        }
        if (!IsSuccess(status))
        {
            lock (gate) failed.Add(events);
        }
        return status;
    }

    /// <summary>Sends what was held back, one request each, and ends the holding.</summary>
    public async Task<IReadOnlyList<HttpStatusCode?>> Release(bool latestFirst)
    {
        line.Trouble.Webhooks.HoldBack = false;
        JsonObject[][] waiting;
        lock (gate)
        {
            waiting = [.. held];
            held.Clear();
        }
        changes.Announce();
        if (latestFirst) Array.Reverse(waiting);
        var answers = new List<HttpStatusCode?>();
        foreach (var events in waiting) answers.Add(await Send(events));
        return answers;
    }

    /// <summary>Sends again, marked as redelivered, every event that was never answered 2xx.</summary>
    public async Task<IReadOnlyList<HttpStatusCode?>> RedeliverFailed()
    {
        JsonObject[][] again;
        lock (gate)
        {
            again = [.. failed];
            failed.Clear();
        }
        var answers = new List<HttpStatusCode?>();
        foreach (var events in again) answers.Add(await Send([.. events.Select(LineEvents.Redelivered)]));
        return answers;
    }

    public async Task<HttpResponseMessage> Post(ReadOnlyMemory<byte> body, string? signature)
    {
        NoteReplyTokens(body);
        using var content = new ReadOnlyMemoryContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json; charset=utf-8");
        if (signature is not null) content.Headers.TryAddWithoutValidation("x-line-signature", signature);
        var url = line.WebhookUrl ?? throw new InvalidOperationException(
            $"The LINE simulator has events to send and no address: set its {nameof(LineSimulator.WebhookUrl)}.");
        return await client.PostAsync(url, content);
    }

    public byte[] Body(IEnumerable<object> events) => JsonSerializer.SerializeToUtf8Bytes(
        new { destination = line.Options.BotUserId, events }, JsonSerializerOptions.Web);

    public void Dispose() => client.Dispose();

    private async Task<HttpStatusCode?> TryPost(byte[] body)
    {
        try
        {
            using var answer = await Post(body, LineSignature.Of(body, line.Options.ChannelSecret));
            return answer.StatusCode;
        }
        catch (Exception unreachable) when (unreachable is HttpRequestException or TaskCanceledException)
        {
            return null; // as LINE does: note the failure, and redeliver if the channel says so
        }
    }

    private void NoteReplyTokens(ReadOnlyMemory<byte> body)
    {
        JsonElement request;
        try
        {
            using var document = JsonDocument.Parse(body, new() { MaxDepth = int.MaxValue });
            request = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return; // tests send bodies that are no JSON; there is nothing to reply to in them
        }
        if (request.ValueKind != JsonValueKind.Object) return;
        // Names are compared one by one: tests send some that are no text.
        var lists = request.EnumerateObject().Where(property => property.Value.ValueKind == JsonValueKind.Array);
        foreach (var occurrence in lists.SelectMany(list => list.Value.EnumerateArray())) NoteReplyToken(occurrence);
    }

    private void NoteReplyToken(JsonElement occurrence)
    {
        try
        {
            if (Find(occurrence, "replyToken") is { ValueKind: JsonValueKind.String } token
                && Find(occurrence, "source") is { } source
                && Find(source, "userId") is { ValueKind: JsonValueKind.String } user
                && Find(occurrence, "timestamp") is { ValueKind: JsonValueKind.Number } time && time.TryGetInt64(out var at))
                replyTokens.Delivered(token.GetString()!, user.GetString()!, DateTimeOffset.FromUnixTimeMilliseconds(at));
        }
        catch (Exception strange) when (strange is InvalidOperationException or ArgumentOutOfRangeException)
        {
            // a text that is none, a time that no calendar has: nothing that CoopLine could reply to
        }
    }

    private static JsonElement? Find(JsonElement json, string name)
    {
        if (json.ValueKind != JsonValueKind.Object) return null;
        JsonElement? found = null;
        foreach (var property in json.EnumerateObject())
        {
            try
            {
                if (property.NameEquals(name)) found = property.Value;
            }
            catch (InvalidOperationException)
            {
                // a name that is no text
            }
        }
        return found;
    }

    private static bool IsSuccess(HttpStatusCode? status) => status is { } code && (int)code is >= 200 and < 300;
}
