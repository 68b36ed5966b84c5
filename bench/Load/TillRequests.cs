using System.Globalization;
using System.Text;

namespace CoopLine.Load;

/// <summary>Redemptions of fresh codes on fresh receipts, each with five lines, from the tills of all stores in turn.</summary>
internal sealed class TillRequests : Requests
{
    public const int CodeLength = 13;

    private const string CodeMark = "CCCCCCCCCCCCC";
    private const string ReceiptMark = "RRRRRRRRR";
    private const int TraceFlag = 32 + 1 + 16 + 1 + 1; // behind the mark: -span-0F
    private const string TraceMark = "TTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTT";

    private readonly (byte[] Bytes, int Code, int Receipt, int Trace)[] stores;
    private readonly int? recorded;
    private readonly byte[] codes;
    private readonly long first;
    private readonly long end;

    /// <param name="first">The number of the first receipt.</param>
    /// <param name="codes">One call for each; 13 digits behind 13 digits.</param>
    /// <param name="recorded">
    /// Each call brings a trace (W3C traceparent), of which so many in a hundred say that they are recorded; null brings none.
    /// </param>
    public TillRequests(long first, byte[] codes, int? recorded = null)
    {
        (this.first, this.codes, this.recorded) = (first, codes, recorded);
        (Unused, end) = (first, first + (codes.Length / CodeLength));
        stores = [.. Enumerable.Range(0, Sale.Stores).Select(store => Template(Sale.Store(store), recorded is not null))];
    }

    /// <summary>With the codes that were seeded under these numbers.</summary>
    public static TillRequests Seeded(long first, long count, int? recorded = null)
    {
        var codes = new byte[count * CodeLength];
        for (var i = 0L; i < count; i++) Encoding.ASCII.GetBytes(Sale.Code(first + i), codes.AsSpan((int)(i * CodeLength)));
        return new(first, codes, recorded);
    }

    public override long Unused { get; protected set; }

    public override bool IsEmpty => Unused == end;

    public override ReadOnlySpan<byte> Next()
    {
        if (IsEmpty) return default;
        var (bytes, code, receipt, trace) = stores[Unused % Sale.Stores];
        codes.AsSpan((int)((Unused - first) * CodeLength), CodeLength).CopyTo(bytes.AsSpan(code));
        Unused.TryFormat(bytes.AsSpan(receipt), out _, "D9", CultureInfo.InvariantCulture);
        if (recorded is { } share)
        {
            Unused.TryFormat(bytes.AsSpan(trace), out _, "x32", CultureInfo.InvariantCulture);
            bytes[trace + TraceFlag] = Unused % 100 < share ? (byte)'1' : (byte)'0';
        }

        Unused++;
        return bytes;
    }

    public override bool IsRight(ReadOnlySpan<byte> response) =>
        response.StartsWith("HTTP/1.1 200 "u8)
        && response.IndexOf("\"outcome\":\"redeemed\""u8) >= 0 // or replayed, when the service itself had to repeat the call
        && response.IndexOf("\"amount\":30}"u8) >= 0;

    private static (byte[] Bytes, int Code, int Receipt, int Trace) Template(string store, bool traced)
    {
        var now = TimeProvider.System.GetUtcNow().ToOffset(TimeSpan.FromHours(9));
        var day = now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var time = now.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
        var body = $$"""
            {"receipt":{"businessDate":"{{day}}","store":"{{store}}","register":"05","number":"{{ReceiptMark}}"},"purchasedAt":"{{time}}","code":"{{CodeMark}}","lines":[{"line":1,"jan":"4901234567924","category":"1101","quantity":1,"unitPrice":238,"markdown":"no"},{"line":2,"jan":"{{Sale.Jan}}","category":"{{Sale.Category}}","quantity":2,"unitPrice":198,"markdown":"no"},{"line":3,"jan":"4901234567931","category":"2204","quantity":1,"unitPrice":128,"markdown":"yes"},{"line":4,"jan":"4901234567948","category":"2301","quantity":3,"unitPrice":98,"markdown":"no"},{"line":5,"category":"0100","quantity":1,"unitPrice":540,"markdown":"unknown"}]}
            """;
        var text = $"POST /pos/v1/redemptions HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {Sale.TillKey(store)}\r\n"
            + (traced ? $"traceparent: 00-{TraceMark}-{TraceMark[..16].Replace('T', '1')}-00\r\n" : "")
            + $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}";
        return (
            Encoding.ASCII.GetBytes(text),
            text.IndexOf(CodeMark, StringComparison.Ordinal),
            text.IndexOf(ReceiptMark, StringComparison.Ordinal),
            text.IndexOf(TraceMark, StringComparison.Ordinal));
    }
}
