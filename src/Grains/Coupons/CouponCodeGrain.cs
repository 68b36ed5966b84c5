using CoopLine.Grains.Storage;

namespace CoopLine.Grains.Coupons;

/// <summary>What the digits stand for.</summary>
public sealed record CouponCodeState
{
    /// <summary>So long a code is good.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    /// <summary>For this long after their end the digits are given to nobody else.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromDays(1);

    public CodeGrant? Grant { get; init; }

    public bool IsFreeAt(DateTimeOffset now) => Grant is null || now >= Grant.ExpiresAt + Rest;
}

[GrainType("coupon-code")]
internal sealed class CouponCodeGrain(
    [PersistentState(StateNames.CouponCode, StateNames.Storage)] IPersistentState<CouponCodeState> code,
    TimeProvider clock) : StateGrain<CouponCodeState>(code), ICouponCodeGrain
{
    public async Task<bool> Issue(CodeGrant grant)
    {
        if (!State.IsFreeAt(clock.GetUtcNow())) return false;
        await Save(new() { Grant = grant });
        return true;
    }

    public async Task End()
    {
        var now = clock.GetUtcNow();
        if (State.Grant is { } grant && now < grant.ExpiresAt) await Save(new() { Grant = grant with { ExpiresAt = now } });
    }
}
