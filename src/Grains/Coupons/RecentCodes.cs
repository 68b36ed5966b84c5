using System.Collections.Concurrent;
using System.Collections.Immutable;
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

    /// <summary>Codes of one account that are good at the same time: for a phone, a second one, and a page that was opened anew.</summary>
    public const int LiveMax = 3;

    /// <summary>Longer than a code is good for.</summary>
    private static readonly TimeSpan HalfLife = TimeSpan.FromMinutes(6);

    private readonly Lock turning = new();
    private volatile Halves halves = new(new(), new(), clock.GetTimestamp());

    public void Remember(KnownCode code)
    {
        Turn();
        var now = clock.GetUtcNow();
        var (half, _, _) = halves;
        half.Codes[code.Digits] = code;
        half.Accounts.AddOrUpdate(
            code.Grant.Account,
            _ => [code.Digits],
            (_, others) => [.. others.Where(digits => digits != code.Digits && IsLive(digits, now)), code.Digits]);
    }

    /// <summary>Drops what is old. Also called where no code is remembered any more.</summary>
    public void Turn()
    {
        if (!IsOver(halves)) return;
        lock (turning)
        {
            if (IsOver(halves)) halves = new(new(), halves.New, clock.GetTimestamp());
        }
    }

    public KnownCode? Find(string digits)
    {
        var (now, before, _) = halves;
        return now.Codes.TryGetValue(digits, out var code) || before.Codes.TryGetValue(digits, out code) ? code : null;
    }

    /// <summary>The account's live codes that have to go, because it has newer ones: all but the newest <see cref="LiveMax"/>.</summary>
    public ImmutableArray<KnownCode> TooMany(string account)
    {
        var now = clock.GetUtcNow();
        var (young, old, _) = halves;
        return
        [
            .. old.Accounts.GetValueOrDefault(account, []).Concat(young.Accounts.GetValueOrDefault(account, [])).Distinct()
                .Select(Find).OfType<KnownCode>()
                .Where(code => now < code.Grant.ExpiresAt)
                .OrderBy(code => code.Grant.ExpiresAt) // in this order they were issued; those of one moment stay as they came
                .SkipLast(LiveMax),
        ];
    }

    /// <summary>It was found out of date.</summary>
    public void Forget(string digits)
    {
        halves.New.Codes.TryRemove(digits, out _);
        halves.Old.Codes.TryRemove(digits, out _);
    }

    private bool IsLive(string digits, DateTimeOffset now) => now < Find(digits)?.Grant.ExpiresAt;

    private bool IsOver(Halves now) => now.New.Codes.Count >= Capacity || clock.GetElapsedTime(now.Since) >= HalfLife;

    private sealed record Halves(Half New, Half Old, long Since);

    private sealed class Half
    {
        public ConcurrentDictionary<string, KnownCode> Codes { get; } = new(StringComparer.Ordinal);

        /// <summary>Digits of each account's codes, in the order in which they were issued.</summary>
        public ConcurrentDictionary<string, ImmutableArray<string>> Accounts { get; } = new(StringComparer.Ordinal);
    }
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
