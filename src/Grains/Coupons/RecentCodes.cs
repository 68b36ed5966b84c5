using System.Collections.Concurrent;
using Orleans.Concurrency;
using Orleans.Placement;

namespace CoopLine.Grains.Coupons;

/// <summary>
/// What the codes of the last minutes stand for, and how their members stood when they were issued, so that a till's call need
/// not read it. It may be out of date: the write in which a redemption ends looks whether it is.
/// </summary>
/// <remarks>Two halves, of which the older one is dropped: so nothing is looked through to make room.</remarks>
public sealed class RecentCodes(TimeProvider clock)
{
    /// <summary>Codes in a half.</summary>
    public const int Capacity = 100_000;

    /// <summary>Longer than a code is good for.</summary>
    private static readonly TimeSpan HalfLife = TimeSpan.FromMinutes(6);

    private readonly Lock turning = new();
    private volatile Halves halves = new([], [], clock.GetTimestamp());

    public void Remember(KnownCode code)
    {
        Turn();
        halves.New[code.Digits] = code;
    }

    /// <summary>Drops what is old. Also called where no code is remembered any more.</summary>
    public void Turn()
    {
        if (!IsOver(halves)) return;
        lock (turning)
        {
            if (IsOver(halves)) halves = new([], halves.New, clock.GetTimestamp());
        }
    }

    public KnownCode? Find(string digits)
    {
        var (now, before, _) = halves;
        return now.TryGetValue(digits, out var code) || before.TryGetValue(digits, out code) ? code : null;
    }

    /// <summary>It was found out of date.</summary>
    public void Forget(string digits)
    {
        halves.New.TryRemove(digits, out _);
        halves.Old.TryRemove(digits, out _);
    }

    private bool IsOver(Halves now) => now.New.Count >= Capacity || clock.GetElapsedTime(now.Since) >= HalfLife;

    private sealed record Halves(ConcurrentDictionary<string, KnownCode> New, ConcurrentDictionary<string, KnownCode> Old, long Since);
}

/// <param name="Digits">13 digits.</param>
[GenerateSerializer, Immutable, Alias("coopline.known-code")]
public sealed record KnownCode([property: Id(0)] string Digits, [property: Id(1)] CodeGrant Grant, [property: Id(2)] Holder Holder);

/// <summary>The <see cref="RecentCodes"/> of one silo. Key: <c>j-</c> + the silo's address.</summary>
[Alias("coopline.recent-codes")]
internal interface IRecentCodesGrain : ISiloGrain
{
    [Alias("remember"), OneWay]
    Task Remember(KnownCode code);
}

[GrainType("recent-codes"), PreferLocalPlacement, Reentrant]
internal sealed class RecentCodesGrain(RecentCodes codes, ILocalSiloDetails here) : SiloGrain(here), IRecentCodesGrain
{
    public Task Remember(KnownCode code)
    {
        if (IsAtHome) codes.Remember(code);
        return Task.CompletedTask;
    }
}
