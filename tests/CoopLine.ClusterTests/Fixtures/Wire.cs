using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using CoopLine.Tests.Fixtures;

namespace CoopLine.ClusterTests.Fixtures;

/// <summary>
/// The network between the silos and PostgreSQL: a port on loopback that leads to the server's socket, and that can cut a
/// connection after the server got a statement and before the silo got its answer.
/// </summary>
internal sealed class Wire : IAsyncDisposable
{
    private readonly TcpListener listener;
    private readonly string socket;
    private readonly ConcurrentDictionary<Line, Task> lines = new();
    private readonly CancellationTokenSource closing = new();
    private readonly Task accepting;
    private volatile Task answers = Task.CompletedTask;

    private Wire(int port, string socket)
    {
        this.socket = socket;
        Port = port;
        listener = new(IPAddress.Loopback, port);
        listener.Start();
        accepting = Accept();
    }

    public int Port { get; }

    public static Wire To(string socket) => new(Ports.Free(), socket);

    /// <summary>
    /// Answers of the server stay on the way until the returned hold is disposed: what was sent is done, and the silos do
    /// not know.
    /// </summary>
    public IDisposable HoldAnswers() => new Hold(this);

    /// <summary>Cuts one connection, if there is one on which an answer is awaited.</summary>
    public bool CutOne(Random random)
    {
        var waiting = lines.Keys.Where(line => line.AwaitsAnswer).ToArray();
        if (waiting is []) return false;
        waiting[random.Next(waiting.Length)].Cut();
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        listener.Stop();
        foreach (var line in lines.Keys) line.Cut();
        await accepting;
        await Task.WhenAll(lines.Values);
        listener.Dispose();
        closing.Dispose();
    }

    private async Task Accept()
    {
        while (!closing.IsCancellationRequested)
        {
            try
            {
                var line = new Line(await listener.AcceptSocketAsync(closing.Token));
                lines[line] = Serve(line);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // Closing; or the caller gave up before it was taken.
            }
        }
    }

    private async Task Serve(Line line)
    {
        await Task.Yield(); // so that the line is in the list before it can leave it
        await line.Run(this);
        lines.TryRemove(line, out _);
    }

    private sealed class Hold : IDisposable
    {
        private readonly TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Hold(Wire wire) => wire.answers = over.Task;

        public void Dispose() => over.TrySetResult();
    }

    private sealed class Line(Socket silo) : IDisposable
    {
        private readonly Socket server = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        private int awaits;

        /// <summary>The silo spoke last.</summary>
        public bool AwaitsAnswer => Volatile.Read(ref awaits) == 1;

        public async Task Run(Wire wire)
        {
            try
            {
                silo.NoDelay = true;
                await server.ConnectAsync(new UnixDomainSocketEndPoint(wire.socket));
                await Task.WhenAny(
                    Copy(silo, server, () => Task.CompletedTask, awaitsAfter: 1),
                    Copy(server, silo, () => wire.answers, awaitsAfter: 0));
            }
            catch (SocketException)
            {
                // The server is down: the silo sees its connection closed.
            }
            finally
            {
                Cut();
            }
        }

        public void Cut() => Dispose();

        public void Dispose()
        {
            silo.Dispose();
            server.Dispose();
        }

        private async Task Copy(Socket from, Socket to, Func<Task> before, int awaitsAfter)
        {
            var buffer = new byte[32 * 1024];
            try
            {
                while (await from.ReceiveAsync(buffer) is > 0 and var length)
                {
                    await before();
                    for (var sent = 0; sent < length;) sent += await to.SendAsync(buffer.AsMemory(sent, length - sent));
                    Volatile.Write(ref awaits, awaitsAfter);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Cut, or closed by one side: both ends are closed then.
            }
        }
    }
}
