using System.Net.Sockets;
using CoopLine.ClusterTests.Fixtures;

namespace CoopLine.ClusterTests.Load;

/// <summary>The checker believes the caller: what may have happened must not be called "not sent".</summary>
public sealed class Calling
{
    private static readonly byte[] Fine = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"u8.ToArray();

    [Theory]
    [InlineData("{}")]
    [InlineData(null)] // a void
    public async Task Given_a_process_that_takes_a_call_and_dies_then_nobody_knows_what_happened(string? body)
    {
        await using var silo = new SiloProcess("a process", new Dictionary<string, string>());
        using var caller = new Caller(new(), () => [silo], new(), CancellationToken.None);
        var dying = AnswerOneAndDieOfTheNext(silo.Address.Port);

        var answered = await caller.Try(new(), HttpMethod.Post, "/first", "key", body);
        var cutOff = await caller.Try(new(), HttpMethod.Post, "/second", "key", body);
        await dying;
        var refused = await caller.Try(new(), HttpMethod.Post, "/third", "key", body);

        Assert.True(answered.Ok, answered.ToString());
        Assert.True(cutOff.IsUnknown, cutOff.ToString());
        Assert.True(refused.NotSent, refused.ToString());
    }

    private static async Task AnswerOneAndDieOfTheNext(int port)
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, port);
        listener.Start();
        var heard = 0;
        while (heard < 2)
        {
            using var one = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
            while (heard < 2 && await one.ReceiveAsync(new byte[8192]) > 0)
            {
                if (++heard == 2) listener.Stop();
                else await one.SendAsync(Fine);
            }
        }
    }
}
