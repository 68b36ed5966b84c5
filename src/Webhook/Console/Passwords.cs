using CoopLine.Grains;
using CoopLine.Grains.Staff;
using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Identity;

namespace CoopLine.Webhook.Console;

/// <summary>A name, a password and a code of the app; each alone is worth nothing.</summary>
internal sealed class Passwords
{
    public const int Shortest = 12;

    public const int Longest = 128;

    private static readonly TimeSpan RefusalTakes = TimeSpan.FromSeconds(1);

    private readonly PasswordHasher<StaffUser> hasher = new();
    private readonly IGrainFactory grains;
    private readonly Seals seals;
    private readonly TimeProvider clock;
    private readonly string nobodysHash;
    private readonly string nobodysKey = Totp.NewKey();

    public Passwords(IGrainFactory grains, Seals seals, TimeProvider clock)
    {
        (this.grains, this.seals, this.clock) = (grains, seals, clock);
        nobodysHash = hasher.HashPassword(null!, Tokens.New());
    }

    /// <summary>A refusal is the same, and takes the same time, whether the name, the password or the code is wrong, or none is looked at for a while.</summary>
    /// <returns>Null when something is wrong.</returns>
    public async Task<StaffProof?> Check(string name, string password, string code)
    {
        var least = Task.Delay(RefusalTakes, TimeProvider.System);
        var known = name is { Length: > 0 and <= StaffNames.Longest } ? await OnConflict.Repeat(grains.Staff(name).Try) : null;
        var key = known is null ? null : seals.Open(Seals.CodeKey, known.SealedKey);
        var isRight = Matches(known?.Hash ?? nobodysHash, password);
        var step = Totp.StepOf(code, key ?? nobodysKey, clock.GetUtcNow());
        if (known is not null && key is not null && isRight && step is { } accepted) return new StaffProof.OfPassword(known.Hash, accepted);
        await least;
        return null;
    }

    public static string? FaultOf(string password, string name) =>
        password.Length is < Shortest or > Longest ? "PasswordLength"
        : name.Length > 3 && password.Contains(name, StringComparison.OrdinalIgnoreCase) ? "PasswordHasName" : null;

    /// <summary>A key for an app that is about to be set up, to show it; and the same sealed, to send it back with the first code.</summary>
    public (string Key, string Sealed) NewKey(string account)
    {
        var key = Totp.NewKey();
        return (key, seals.Seal(For(account), key, StaffInvitation.Life));
    }

    /// <summary>The key of a form that was sent with something wrong in it: the app knows it by now.</summary>
    public (string Key, string Sealed) SameKeyOrNew(string account, string? sealedKey) =>
        seals.Open(For(account), sealedKey) is { } key ? (key, sealedKey!) : NewKey(account);

    /// <summary>By field, what is wrong; or the way in that it makes.</summary>
    public (Dictionary<string, string> Faults, StaffPassword? Password) Read(string account, string password, string sealedKey, string code)
    {
        var faults = new Dictionary<string, string>();
        if (FaultOf(password, account) is { } weak) faults["password"] = weak;
        var key = seals.Open(For(account), sealedKey);
        var step = key is null ? null : Totp.StepOf(code, key, clock.GetUtcNow());
        if (step is null) faults["code"] = "CodeWrong";
        return faults.Count > 0
            ? (faults, null)
            : (faults, new(hasher.HashPassword(null!, password), seals.Seal(Seals.CodeKey, key!, life: null), step!.Value));
    }

    private bool Matches(string hash, string password) =>
        password.Length <= Longest && hasher.VerifyHashedPassword(null!, hash, password) is not PasswordVerificationResult.Failed;

    private static string For(string account) => $"{Seals.NewCodeKey} {StaffUser.IdOf(account)}";
}
