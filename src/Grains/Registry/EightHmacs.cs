using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace CoopLine.Grains.Registry;

/// <summary>
/// HMAC-SHA-256 (<see href="https://www.rfc-editor.org/rfc/rfc6234">RFC 6234</see>) of eight short texts at once, one in each lane of
/// a vector. A million members have two million phones: one by one through the system's library they cost eight times as much.
/// </summary>
internal sealed class EightHmacs
{
    public const int Lanes = 8;
    public const int SlotBytes = 64;

    /// <summary>Of a text: one block of SHA-256 without its end.</summary>
    public const int LongestBytes = SlotBytes - 1 - sizeof(ulong);

    private const int Words = SlotBytes / sizeof(uint);
    private const int Rounds = 64;
    private const byte TextEnd = 0x80;

    private static readonly uint[] Constants = Roots(Rounds, 1.0 / 3);
    private static readonly uint[] Start = Roots(Lanes, 1.0 / 2);

    private readonly Vector256<uint>[] inner;
    private readonly Vector256<uint>[] outer;

    public EightHmacs(byte[] key)
    {
        if (key.Length > SlotBytes) key = SHA256.HashData(key);
        inner = AfterKey(key, 0x36);
        outer = AfterKey(key, 0x5C);
    }

    /// <param name="texts">Eight slots, each with a text and zeros behind it.</param>
    /// <param name="lengths">In bytes, of each text.</param>
    /// <param name="hashes">Get the eight hashes, one behind the other.</param>
    public void Hash(Span<byte> texts, ReadOnlySpan<int> lengths, Span<byte> hashes)
    {
        Span<Vector256<uint>> block = stackalloc Vector256<uint>[Words];
        Span<Vector256<uint>> state = stackalloc Vector256<uint>[Lanes];
        Span<uint> lanes = stackalloc uint[Lanes];
        for (var lane = 0; lane < Lanes; lane++)
        {
            var slot = texts.Slice(lane * SlotBytes, SlotBytes);
            slot[lengths[lane]] = TextEnd;
            BinaryPrimitives.WriteUInt64BigEndian(slot[^sizeof(ulong)..], 8UL * (ulong)(SlotBytes + lengths[lane]));
        }

        for (var word = 0; word < Words; word++)
        {
            for (var lane = 0; lane < Lanes; lane++)
                lanes[lane] = BinaryPrimitives.ReadUInt32BigEndian(texts[((lane * SlotBytes) + (word * sizeof(uint)))..]);
            block[word] = Vector256.Create<uint>(lanes);
        }

        inner.CopyTo(state);
        Take(block, state);

        block.Clear();
        state.CopyTo(block);
        block[Lanes] = Vector256.Create((uint)TextEnd << 24);
        block[^1] = Vector256.Create(8U * (SlotBytes + HMACSHA256.HashSizeInBytes));
        outer.CopyTo(state);
        Take(block, state);

        for (var word = 0; word < Lanes; word++)
        {
            for (var lane = 0; lane < Lanes; lane++)
            {
                var at = (lane * HMACSHA256.HashSizeInBytes) + (word * sizeof(uint));
                BinaryPrimitives.WriteUInt32BigEndian(hashes[at..], state[word][lane]);
            }
        }
    }

    private static Vector256<uint>[] AfterKey(byte[] key, byte pad)
    {
        Span<byte> padded = stackalloc byte[SlotBytes];
        key.CopyTo(padded);
        foreach (ref var one in padded) one ^= pad;
        var block = new Vector256<uint>[Words];
        for (var word = 0; word < Words; word++)
            block[word] = Vector256.Create(BinaryPrimitives.ReadUInt32BigEndian(padded[(word * sizeof(uint))..]));
        Vector256<uint>[] state = [.. Start.Select(Vector256.Create)];
        Take(block, state);
        return state;
    }

    /// <summary>Section 6.2: one block into the state. The names are those of the standard.</summary>
    private static void Take(ReadOnlySpan<Vector256<uint>> block, Span<Vector256<uint>> state)
    {
        Span<Vector256<uint>> w = stackalloc Vector256<uint>[Rounds];
        block.CopyTo(w);
        for (var t = Words; t < Rounds; t++)
        {
            var (before15, before2) = (w[t - 15], w[t - 2]);
            w[t] = (Right(before2, 17) ^ Right(before2, 19) ^ (before2 >>> 10)) + w[t - 7]
                + (Right(before15, 7) ^ Right(before15, 18) ^ (before15 >>> 3)) + w[t - 16];
        }

        var (a, b, c, d) = (state[0], state[1], state[2], state[3]);
        var (e, f, g, h) = (state[4], state[5], state[6], state[7]);
        for (var t = 0; t < Rounds; t++)
        {
            var t1 = h + (Right(e, 6) ^ Right(e, 11) ^ Right(e, 25)) + (g ^ (e & (f ^ g))) + Vector256.Create(Constants[t]) + w[t];
            var t2 = (Right(a, 2) ^ Right(a, 13) ^ Right(a, 22)) + ((a & b) | (c & (a | b)));
            (h, g, f, e, d, c, b, a) = (g, f, e, d + t1, c, b, a, t1 + t2);
        }

        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
    }

    private static Vector256<uint> Right(Vector256<uint> x, int bits) => (x >>> bits) | (x << (32 - bits));

    /// <summary>Section 5.1 and 6.1: the first 32 bits of the fractions of roots of the first primes.</summary>
    private static uint[] Roots(int count, double exponent)
    {
        var primes = Enumerable.Range(2, 400).Where(n => Enumerable.Range(2, n - 2).All(d => n % d != 0)).Take(count);
        return [.. primes.Select(prime => Math.Pow(prime, exponent)).Select(root => (uint)((root - Math.Floor(root)) * 4294967296.0))];
    }
}
