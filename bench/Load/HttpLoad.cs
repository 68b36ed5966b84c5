using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace CoopLine.Load;

/// <summary>What is sent, and what must come back.</summary>
internal abstract class Requests
{
    /// <summary>The number of the next request: all before it were sent.</summary>
    public abstract long Unused { get; protected set; }

    public abstract bool IsEmpty { get; }

    /// <summary>The next request, whole, for immediate use; nothing when there are no more.</summary>
    public abstract ReadOnlySpan<byte> Next();

    /// <summary>Whether this is the answer that was hoped for. Any other ends the run.</summary>
    public abstract bool IsRight(ReadOnlySpan<byte> response);
}

/// <param name="Latencies">Microseconds, sorted.</param>
internal sealed record LoadResult(long Answered, double Seconds, int[] Latencies)
{
    public double PerSecond => Answered / Seconds;

    public LoadResult And(LoadResult next) =>
        new(Answered + next.Answered, Seconds + next.Seconds, [.. Latencies.Concat(next.Latencies).Order()]);

    public double Milliseconds(double quantile) =>
        Latencies.Length == 0 ? 0 : Latencies[Math.Min(Latencies.Length - 1, (int)(Latencies.Length * quantile))] / 1000.0;
}

/// <summary>
/// HTTP/1.1 keep-alive over raw sockets from one thread with epoll: the load shares the machine with what it measures, so
/// it must cost as little as it can.
/// </summary>
internal sealed partial class HttpLoad : IDisposable
{
    private const int Readable = 1; // EPOLLIN
    private const int Add = 1; // EPOLL_CTL_ADD

    // struct epoll_event is packed on x64 and not on others.
    private static readonly int EventBytes = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    private readonly Connection[] connections;
    private readonly int epoll = Check(EpollCreate(0));
    private readonly byte[] events;

    /// <param name="ports">Connections are spread over them.</param>
    public HttpLoad(int[] ports, int count)
    {
        events = new byte[count * EventBytes];
        connections = [.. Enumerable.Range(0, count).Select(i => new Connection(ports[i % ports.Length]))];
        for (var i = 0; i < count; i++)
        {
            var interest = new byte[EventBytes];
            BitConverter.TryWriteBytes(interest, Readable);
            BitConverter.TryWriteBytes(interest.AsSpan(EventBytes - 8), (long)i);
            Check(EpollControl(epoll, Add, (int)connections[i].Socket.Handle, ref interest[0]));
        }
    }

    /// <summary>Every connection sends as soon as it has its answer, for so long; then the last answers are awaited.</summary>
    public LoadResult Run(Requests requests, TimeSpan duration)
    {
        var latencies = new List<int>(1 << 20);
        var start = Stopwatch.GetTimestamp();
        var end = start + ToTicks(duration);
        var waiting = 0;
        foreach (var connection in connections)
            if (connection.Send(requests.Next(), Stopwatch.GetTimestamp())) waiting++;

        while (waiting > 0)
        {
            foreach (var connection in Ready(Timeout.InfiniteTimeSpan))
            {
                if (!connection.Receive(requests)) continue;
                var now = Stopwatch.GetTimestamp();
                latencies.Add(Microseconds(now - connection.SentAt));
                if (now >= end || !connection.Send(requests.Next(), now)) waiting--;
            }
        }

        return Result(latencies, start);
    }

    /// <summary>So many requests a second, whatever the answers do; latency counts from when a request was due.</summary>
    public LoadResult Run(Requests requests, TimeSpan duration, double perSecond)
    {
        var latencies = new List<int>(1 << 20);
        var free = new Stack<Connection>(connections);
        var step = Stopwatch.Frequency / perSecond;
        var start = Stopwatch.GetTimestamp();
        var all = (long)(duration.TotalSeconds * perSecond);
        for (var sent = 0L; sent < all || free.Count < connections.Length;)
        {
            var due = start + (long)(sent * step);
            var now = Stopwatch.GetTimestamp();
            while (sent < all && due <= now && free.TryPop(out var connection))
            {
                if (!connection.Send(requests.Next(), due)) throw new InvalidOperationException("Too few requests were prepared.");
                due = start + (long)(++sent * step);
            }

            var wait = sent < all && free.Count > 0 ? Stopwatch.GetElapsedTime(now, Math.Max(due, now)) : Timeout.InfiniteTimeSpan;
            foreach (var connection in Ready(wait))
            {
                if (!connection.Receive(requests)) continue;
                latencies.Add(Microseconds(Stopwatch.GetTimestamp() - connection.SentAt));
                free.Push(connection);
            }
        }

        return Result(latencies, start);
    }

    public void Dispose()
    {
        foreach (var connection in connections) connection.Socket.Dispose();
        _ = Close(epoll);
    }

    private static LoadResult Result(List<int> latencies, long start)
    {
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var sorted = latencies.ToArray();
        Array.Sort(sorted);
        return new(sorted.Length, seconds, sorted);
    }

    private IEnumerable<Connection> Ready(TimeSpan wait)
    {
        var timeout = new TimeSpec((long)wait.TotalSeconds, wait.Ticks % TimeSpan.TicksPerSecond * 100);
        var ready = wait < TimeSpan.Zero
            ? EpollWait(epoll, ref events[0], connections.Length, -1)
            : EpollWaitFor(epoll, ref events[0], connections.Length, in timeout, 0);
        Check(ready);
        for (var i = 0; i < ready; i++)
            yield return connections[BitConverter.ToInt64(events, (i * EventBytes) + EventBytes - 8)];
    }

    private static int Microseconds(long ticks) => (int)(ticks * 1_000_000 / Stopwatch.Frequency);

    private static long ToTicks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    private static int Check(int result) =>
        result >= 0 ? result : throw new InvalidOperationException($"epoll failed: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int EpollControl(int epoll, int operation, int file, ref byte interest);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int EpollWait(int epoll, ref byte events, int most, int milliseconds);

    [LibraryImport("libc", EntryPoint = "epoll_pwait2", SetLastError = true)]
    private static partial int EpollWaitFor(int epoll, ref byte events, int most, in TimeSpec timeout, nint signals);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);

    private readonly record struct TimeSpec(long Seconds, long Nanoseconds);

    private sealed class Connection
    {
        private readonly byte[] buffer = new byte[64 * 1024];
        private int length;

        public Connection(int port)
        {
            Socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            Socket.Connect(IPAddress.Loopback, port);
            Socket.Blocking = false;
        }

        public Socket Socket { get; }

        public long SentAt { get; private set; }

        /// <returns>False when there is nothing to send.</returns>
        public bool Send(ReadOnlySpan<byte> request, long at)
        {
            if (request.IsEmpty) return false;
            SentAt = at;
            if (Socket.Send(request) != request.Length) throw new IOException("A request did not fit into the socket's buffer.");
            return true;
        }

        /// <returns>Whether the answer is complete.</returns>
        public bool Receive(Requests requests)
        {
            var got = Socket.Receive(buffer.AsSpan(length), SocketFlags.None, out var error);
            if (error is SocketError.WouldBlock) return false;
            if (error is not SocketError.Success || got == 0) throw new IOException($"A connection was closed: {error}.");
            length += got;
            ReadOnlySpan<byte> response = buffer.AsSpan(0, length);
            if (!IsComplete(response)) return false;
            if (!requests.IsRight(response))
                throw new InvalidDataException($"Not the answer that was hoped for:\n{Encoding.UTF8.GetString(response)}");
            length = 0;
            return true;
        }

        private static bool IsComplete(ReadOnlySpan<byte> response)
        {
            var head = response.IndexOf("\r\n\r\n"u8);
            if (head < 0) return false;
            var name = response.IndexOf("Content-Length: "u8);
            if (name < 0 || name > head) return response.EndsWith("\r\n0\r\n\r\n"u8); // chunked
            var digits = response[(name + "Content-Length: ".Length)..head];
            var line = digits.IndexOf((byte)'\r');
            return int.TryParse(line < 0 ? digits : digits[..line], out var body) && response.Length == head + 4 + body;
        }
    }
}
