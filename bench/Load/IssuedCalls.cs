using System.Globalization;
using System.Text;

namespace CoopLine.Load;

/// <summary>
/// Till calls with codes that phones were given shortly before: coupon pages ask for them, each with the id token that LINE gave
/// it at its start. One code for each friend of these numbers.
/// </summary>
internal sealed class IssuedCalls(long first, long end) : Calls
{
    private const int Pages = 32;

    /// <summary>A code lives for five minutes; one as old as this is left alone.</summary>
    private static readonly TimeSpan TooOld = TimeSpan.FromMinutes(4);

    private static readonly TimeSpan AsLongAsItTakes = TimeSpan.FromHours(1);

    /// <summary>Not sent yet, oldest first.</summary>
    private readonly Queue<(byte[] Digits, DateTimeOffset At)> codes = [];

    private long issued;
    private long sent;
    private Requests? last;

    public override Requests Prepare(Contender contender, long count)
    {
        Forget();
        while (codes.TryPeek(out var code) && TimeProvider.System.GetUtcNow() - code.At > TooOld) codes.Dequeue();
        if (codes.Count < count) Issue(contender, count - codes.Count);
        return last = new TillRequests(first + sent, [.. codes.Take((int)count).SelectMany(code => code.Digits)]);
    }

    public override void Restart(bool fresh)
    {
        Forget();
        codes.Clear(); // the new process has never seen them
        if (fresh) (issued, sent) = (0, 0);
    }

    /// <summary>The codes that were sent.</summary>
    private void Forget()
    {
        for (; first + sent < last?.Unused; sent++) codes.Dequeue();
        last = null;
    }

    private void Issue(Contender contender, long count)
    {
        if (first + issued + count > end)
            throw new InvalidOperationException($"{contender.Name}: all {end - first} friends have a code: give more --seeds.");
        var asking = new CodeRequests(first + issued, count);
        using var load = new HttpLoad(contender.Ports, Pages);
        var asked = load.Run(asking, AsLongAsItTakes);
        var now = TimeProvider.System.GetUtcNow();
        foreach (var code in asking.Codes) codes.Enqueue((code, now));
        issued += count;
        Console.WriteLine($"  {contender.Name}: {count} codes issued, {Results.Format(asked.PerSecond)} a second");
    }

    /// <summary><c>POST /coupons/codes</c> of friend after friend, each for one coupon.</summary>
    private sealed class CodeRequests(long first, long count) : Requests
    {
        private static readonly byte[] CodeName = [.. "\"code\":\""u8];

        private readonly long end = first + count;

        public List<byte[]> Codes { get; } = [];

        public override long Unused { get; protected set; } = first;

        public override bool IsEmpty => Unused == end;

        public override ReadOnlySpan<byte> Next()
        {
            if (IsEmpty) return default;
            var body = $$"""{"campaigns":["{{Sale.Campaign(Unused)}}"]}""";
            var request = string.Create(
                CultureInfo.InvariantCulture,
                $"POST /coupons/codes HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {FakeLine.IdToken(Sale.Account(Unused))}\r\n"
                + $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
            Unused++;
            return Encoding.ASCII.GetBytes(request);
        }

        public override bool IsRight(ReadOnlySpan<byte> response)
        {
            var name = response.IndexOf(CodeName);
            if (!response.StartsWith("HTTP/1.1 200 "u8) || name < 0) return false;
            Codes.Add(response.Slice(name + CodeName.Length, TillRequests.CodeLength).ToArray());
            return true;
        }
    }
}
