using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using CoopLine.Tests.Fixtures;
using CoopLine.Webhook.Line;
using Events = CoopLine.Simulator.LineEvents;

namespace CoopLine.Tests.Edge;

/// <summary>Whoever has not shown who he is gets little room, whatever he announces and however often he comes.</summary>
[OneDatabase]
[Collection(typeof(RequestHost))]
public sealed class Bodies_of_strangers(RunningSystem coop)
{
    private const string SomeSignature = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    [Theory]
    [InlineData("/line/webhook", "")]
    [InlineData("/line/webhook", "x-line-signature: AAAA\r\n")]
    [InlineData("/staff/v1/registry/imports", "Content-Type: text/csv\r\n")]
    [InlineData("/staff/v1/registry/imports", "Content-Type: text/csv\r\nAuthorization: Bearer nobody\r\n")]
    [InlineData("/pos/v1/redemptions", "Content-Type: application/json\r\n")]
    [InlineData("/staff/v1/members/10000001/unlink", "Content-Type: application/json\r\n")]
    [InlineData("/coupons/codes", "Content-Type: application/json\r\n")]
    public async Task Who_cannot_be_anybody_is_told_so_before_his_body_comes(string path, string headers)
    {
        var answer = await RawRequest.Send(
            coop.Host.Address, $"POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: 1000000\r\n\r\n");

        Assert.Equal(401, answer?.Status);
    }

    [Theory]
    [InlineData("Content-Length: 104857600\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n6400000\r\n")]
    public async Task A_file_that_comes_without_a_key_is_not_received(string announced)
    {
        using var sender = await Connect();
        var stream = sender.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /staff/v1/registry/imports HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n{announced}"));

        var sent = 0;
        try
        {
            for (var piece = new byte[64 * 1024]; sent < 100 * 1024 * 1024; sent += piece.Length) await stream.WriteAsync(piece);
        }
        catch (IOException)
        {
            // The server has hung up.
        }

        Assert.True(sent < 50 * 1024 * 1024, $"{sent} bytes were received.");
    }

    [Fact]
    public async Task Large_webhooks_that_do_not_end_take_room_from_each_other_and_none_from_the_usual_ones()
    {
        var senders = new List<TcpClient>();
        try
        {
            for (var i = 0; i < LargeBodies.AtOnce; i++) senders.Add(await BeginLargeWebhook());
            // Until each of them has its room, and the one after them has none. Whoever sends nothing for seconds is cut off.
            await Eventually.Holds(
                async () =>
                {
                    foreach (var sender in senders) await sender.GetStream().WriteAsync(new byte[100]);
                    return await DeliverLarge() == HttpStatusCode.ServiceUnavailable;
                },
                "there is no room for another large body");

            using var usual = await coop.Line.Deliver(Events.Text(Some.LineUserId(), "?", coop.Clock.GetUtcNow()));
            Assert.Equal(HttpStatusCode.OK, usual.StatusCode);
        }
        finally
        {
            foreach (var sender in senders) sender.Dispose();
        }

        await Eventually.Holds(async () => await DeliverLarge() == HttpStatusCode.OK, "there is room again");
    }

    [Fact]
    public void A_room_that_somebody_left_is_free_again_and_one_that_nobody_took_frees_none()
    {
        using var bodies = new LargeBodies();
        var rooms = Enumerable.Range(0, LargeBodies.AtOnce).Select(_ => bodies.Room()).ToArray();
        Assert.All(rooms, room => Assert.True(room.Take()));
        using (var late = bodies.Room()) Assert.False(late.Take());
        using (var later = bodies.Room()) Assert.False(later.Take());

        rooms[0].Dispose();

        using var next = bodies.Room();
        Assert.True(next.Take());
    }

    private async Task<HttpStatusCode?> DeliverLarge()
    {
        var body = Encoding.UTF8.GetBytes(
            new JsonObject { ["events"] = new JsonArray(), ["added"] = new string('x', 200_000) }.ToJsonString());
        try
        {
            using var answer = await coop.Line.DeliverRaw(body, coop.Line.Sign(body));
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private async Task<TcpClient> BeginLargeWebhook()
    {
        var sender = await Connect();
        await sender.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /line/webhook HTTP/1.1\r\nHost: localhost\r\nx-line-signature: {SomeSignature}\r\nContent-Length: 200000\r\n\r\n"
            + new string('x', 100_000)));
        return sender;
    }

    private async Task<TcpClient> Connect()
    {
        var sender = new TcpClient { NoDelay = true };
        await sender.ConnectAsync(coop.Host.Address.Host, coop.Host.Address.Port);
        return sender;
    }
}
