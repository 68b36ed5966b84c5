using System.Net;
using System.Text;
using System.Text.Json;
using CoopLine.Grains;
using CoopLine.Tests.Fixtures;
using Events = CoopLine.Simulator.LineEvents;

namespace CoopLine.Tests.Line;

/// <summary>
/// Signed bodies that are nearly right. Whatever is in them, none is answered 5xx but 503, one that is JSON is taken, and the
/// good event in it with it. <c>tests/run --long</c> sends 20,000.
/// </summary>
[OneDatabase, Trait("Speed", "random")]
public sealed class Mutated_webhooks(RunningSystem coop) : IClassFixture<RunningSystem>
{
    private const int AtOnce = 16;

    private static readonly int Cases = Chance.Time > TimeSpan.Zero ? 20_000 : 640;

    /// <summary>What readers of JSON stumble over.</summary>
    private static readonly byte[][] Nasty =
    [
        .. ((string[])
        [
            "null", "[]", "{}", "\"\"", "0", "-1", "1e400", "-0", "99999999999999999999", "true", "\"\\ud800\"", "\"\\u0000\"", "\\ud800", "\\",
            "\"", "{", "}", "[", "]", ",", ":", "\"type\":", "\"\\ud800\":1,", "\"events\":[]", "\u2028", "\uFEFF", "/*", "e", "+",
            new string('[', 70), new string('[', 1000) + new string(']', 1000), $"\"{new string('x', 5000)}\"",
        ]).Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0x00],
    ];

    /// <summary>What an object may also hold, and stay JSON.</summary>
    private static readonly byte[][] Additions =
    [
        .. ((string[])
        [
            "\"\\ud800\":1,", "\"\\udfffreplyToken\":\"x\",", $"\"x\":{new string('[', 1000)}{new string(']', 1000)},", "\"x\":{\"\\ud800\":[]},",
            "\"x\":\"\\ud800\",", "\"x\":1e400,", "\"type\":null,", "\"x\":{\"type\":\"\\udc00\"},", "\"\":0,",
        ]).Select(Encoding.UTF8.GetBytes),
    ];

    [Fact]
    public async Task Are_refused_or_taken_and_never_cost_the_good_event_beside_them()
    {
        var random = Chance.New(out _);
        var (taken, refused) = (0, 0);
        for (var n = 0; n < Cases; n += AtOnce)
        {
            var bodies = Enumerable.Range(0, AtOnce).Select(_ => Draw(random)).ToArray();
            var answers = await Task.WhenAll(bodies.Select(one => Send(one.Body)));
            foreach (var ((body, neighbour), answer) in bodies.Zip(answers))
            {
                if (answer == HttpStatusCode.ServiceUnavailable) continue;
                var shown = Encoding.UTF8.GetString(body);
                Assert.True(answer is HttpStatusCode.OK or HttpStatusCode.BadRequest, $"{answer}: {shown}");
                if (answer == HttpStatusCode.OK) taken++;
                else refused++;
                if (neighbour is null) continue;
                Assert.True(answer == HttpStatusCode.OK, shown);
                Assert.False((await coop.Grains.Account(neighbour).Standing()).Following, shown);
            }
        }

        Assert.NotEqual(0, taken);
        Assert.NotEqual(0, refused);
    }

    /// <returns>A body, and who unfollows in its good event, when the body is JSON with a list of events in spite of all.</returns>
    private (byte[] Body, string? Neighbour) Draw(Random random)
    {
        var (one, neighbour) = (User(random), User(random));
        var now = coop.Clock.GetUtcNow();
        var strange = Encoding.UTF8.GetBytes((random.Next(6) switch
        {
            0 => Events.Follow(one, now),
            1 => Events.Postback(one, "action=link", now),
            2 => Events.Postback(one, "action=unlink-confirm&link=01JGX5Q0000000000000000008", now),
            3 => Events.AccountLink(one, "nonce-of-some-session", now),
            4 => Events.AccountLinkFailed("nonce-of-some-session", now),
            _ => Events.Text(one, "連携", now),
        }).ToJsonString());
        for (var changes = random.Next(1, 4); changes > 0; changes--) strange = Change(strange, random);

        byte[] body =
        [
            .. "{\"destination\":\"U00000000000000000000000000c00b01\",\"events\":["u8, .. strange, .. ","u8,
            .. Encoding.UTF8.GetBytes(Events.Of("unfollow", neighbour, now).ToJsonString()), .. "]}"u8,
        ];
        if (random.Next(8) == 0) return (Change(body, random), null);
        return (body, IsJson(strange) ? neighbour : null);
    }

    private static byte[] Change(byte[] text, Random random)
    {
        var at = random.Next(text.Length + 1);
        var until = Math.Min(text.Length, at + random.Next(8));
        return random.Next(7) switch
        {
            0 => [.. text[..at], .. text[until..]],
            1 => [.. text[..at], .. text[at..until], .. text[at..]],
            2 => text[..at],
            3 => [.. text[..at], (byte)random.Next(256), .. text[Math.Min(text.Length, at + 1)..]],
            4 or 5 when text.AsSpan(0, at).LastIndexOf((byte)'{') is >= 0 and var open =>
                [.. text[..(open + 1)], .. Additions[random.Next(Additions.Length)], .. text[(open + 1)..]],
            _ => [.. text[..at], .. Nasty[random.Next(Nasty.Length)], .. text[(random.Next(2) == 0 ? at : until)..]],
        };
    }

    private static bool IsJson(byte[] text)
    {
        try
        {
            using (JsonDocument.Parse(text, new() { MaxDepth = 10_000 })) return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string User(Random random) => $"U{random.NextInt64():x16}{random.NextInt64():x16}";

    private async Task<HttpStatusCode> Send(byte[] body)
    {
        using var answer = await coop.Line.DeliverRaw(body, coop.Line.Sign(body));
        return answer.StatusCode;
    }
}
