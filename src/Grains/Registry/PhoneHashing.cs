using System.Security.Cryptography;

namespace CoopLine.Grains.Registry;

/// <summary>Hashes the phones of many members, in the bytes in which they stand: eight at a time. For one thread.</summary>
public sealed class PhoneHashing
{
    private static ReadOnlySpan<byte> Kind => RegistryHash.PhoneKind;

    private readonly EightHmacs hmacs;
    private readonly byte[] texts = new byte[EightHmacs.Lanes * EightHmacs.SlotBytes];
    private readonly int[] lengths = new int[EightHmacs.Lanes];
    private readonly byte[] hashes = new byte[EightHmacs.Lanes * HMACSHA256.HashSizeInBytes];
    private readonly Memory<byte>[] places = new Memory<byte>[EightHmacs.Lanes];
    private int waiting;

    internal PhoneHashing(EightHmacs hmacs) => this.hmacs = hmacs;

    /// <param name="place"><see cref="RegistryHash.HexLength"/> bytes: a phone's digits and zeros. They become its hash, by <see cref="Finish"/> at the latest.</param>
    public void Add(Memory<byte> place)
    {
        var digits = place.Span[..place.Span.IndexOf((byte)0)];
        var text = texts.AsSpan(waiting * EightHmacs.SlotBytes, EightHmacs.SlotBytes);
        text.Clear();
        Kind.CopyTo(text);
        digits.CopyTo(text[Kind.Length..]);
        lengths[waiting] = Kind.Length + digits.Length;
        places[waiting++] = place;
        if (waiting == EightHmacs.Lanes) Finish();
    }

    public void Finish()
    {
        for (var lane = waiting; lane < EightHmacs.Lanes; lane++)
        {
            texts.AsSpan(lane * EightHmacs.SlotBytes, EightHmacs.SlotBytes).Clear();
            lengths[lane] = 0;
        }

        hmacs.Hash(texts, lengths, hashes);
        for (var lane = 0; lane < waiting; lane++)
        {
            var hash = hashes.AsSpan(lane * HMACSHA256.HashSizeInBytes, HMACSHA256.HashSizeInBytes);
            Convert.TryToHexStringLower(hash, places[lane].Span, out _);
        }

        waiting = 0;
    }
}
