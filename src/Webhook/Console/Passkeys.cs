using System.Text;
using CoopLine.Grains;
using CoopLine.Grains.Staff;
using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.WebUtilities;

namespace CoopLine.Webhook.Console;

/// <summary>The words that browser and server exchange about a passkey: Identity's handler speaks them, the grain keeps the keys.</summary>
internal sealed class Passkeys(IPasskeyHandler<StaffUser> handler, Seals seals, TimeProvider clock)
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    /// <summary>For whichever passkey the browser has.</summary>
    public async Task<ContentHttpResult> Ask(HttpContext http)
    {
        var asked = await handler.MakeRequestOptionsAsync(null, http);
        return Answer(asked.RequestOptionsJson, seals.Seal(Seals.Passkey, asked.AssertionState!, Life));
    }

    /// <returns>Whose it is, and the passkey with what it told; null when it opens nothing.</returns>
    public async Task<(string Name, StaffPasskey Passkey)?> Check(HttpContext http, string credential, string state)
    {
        if (seals.Open(Seals.Passkey, state) is not { } asked) return null;
        var result = await handler.PerformAssertionAsync(new() { HttpContext = http, CredentialJson = credential, AssertionState = asked });
        return result.Succeeded && result.User.Find(result.Passkey.CredentialId) is { } known
            ? (result.User.Name, known with { SignCount = result.Passkey.SignCount, Synced = Synced(result.Passkey) })
            : null;
    }

    public async Task<ContentHttpResult> Offer(HttpContext http, StaffProfile profile)
    {
        var id = StaffUser.IdOf(profile.Name);
        var offered = await handler.MakeCreationOptionsAsync(new() { Id = id, Name = profile.Name, DisplayName = profile.DisplayName }, http);
        return Answer(offered.CreationOptionsJson, seals.Seal(Seals.NewPasskey, offered.AttestationState!, Life));
    }

    /// <returns>Null when it was not made for this account, or cannot be relied on.</returns>
    public async Task<StaffPasskey?> Make(HttpContext http, string account, string credential, string state, string name)
    {
        if (seals.Open(Seals.NewPasskey, state) is not { } offered) return null;
        var result = await handler.PerformAttestationAsync(new() { HttpContext = http, CredentialJson = credential, AttestationState = offered });
        if (!result.Succeeded || result.UserEntity.Id != StaffUser.IdOf(account)) return null;
        return new(
            WebEncoders.Base64UrlEncode(result.Passkey.CredentialId), Convert.ToBase64String(result.Passkey.PublicKey),
            result.Passkey.SignCount, Synced(result.Passkey), name, clock.GetUtcNow());
    }

    private static PasskeySync Synced(UserPasskeyInfo passkey) =>
        passkey.IsBackedUp ? PasskeySync.Done : passkey.IsBackupEligible ? PasskeySync.Possible : PasskeySync.Never;

    private static ContentHttpResult Answer(string options, string state) =>
        TypedResults.Text($$"""{"options":{{options}},"state":"{{state}}"}""", "application/json", Encoding.UTF8);
}

/// <summary>An account as Identity's handler of passkeys sees it.</summary>
internal sealed record StaffUser(string Name, StaffReport Report)
{
    /// <summary>What an authenticator keeps of the account, and shows us when it signs in; of 64 bytes at most.</summary>
    public static string IdOf(string name) => name.ToLowerInvariant();

    public StaffPasskey? Find(byte[] id) => Report.Passkeys.FirstOrDefault(one => one.Id == WebEncoders.Base64UrlEncode(id));
}

/// <summary>Reads for Identity's handler of passkeys. What it would have written goes to the grain, by its own methods.</summary>
internal sealed class StaffUsers(IGrainFactory grains, Patience patience) : IUserPasskeyStore<StaffUser>
{
    public async Task<StaffUser?> FindByIdAsync(string userId, CancellationToken cancellationToken) =>
        userId is { Length: > 0 and <= StaffNames.Longest } && await patience.Repeat(grains.Staff(userId).Read) is { Account: { } account } report
            ? new(account.Name, report)
            : null;

    public Task<IList<UserPasskeyInfo>> GetPasskeysAsync(StaffUser user, CancellationToken cancellationToken) =>
        Task.FromResult<IList<UserPasskeyInfo>>([.. user.Report.Passkeys.Select(Of)]);

    public Task<UserPasskeyInfo?> FindPasskeyAsync(StaffUser user, byte[] credentialId, CancellationToken cancellationToken) =>
        Task.FromResult(user.Find(credentialId) is { } passkey ? Of(passkey) : null);

    /// <summary>Nobody's: a passkey is looked for in the account that it names, and nowhere else.</summary>
    public Task<StaffUser?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken) => Task.FromResult<StaffUser?>(null);

    public Task<string> GetUserIdAsync(StaffUser user, CancellationToken cancellationToken) => Task.FromResult(StaffUser.IdOf(user.Name));

    public Task<string?> GetUserNameAsync(StaffUser user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Name);

    public Task<string?> GetNormalizedUserNameAsync(StaffUser user, CancellationToken cancellationToken) =>
        Task.FromResult<string?>(StaffUser.IdOf(user.Name));

    public Task<StaffUser?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) =>
        FindByIdAsync(normalizedUserName, cancellationToken);

    public Task AddOrUpdatePasskeyAsync(StaffUser user, UserPasskeyInfo passkey, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task RemovePasskeyAsync(StaffUser user, byte[] credentialId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SetUserNameAsync(StaffUser user, string? userName, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SetNormalizedUserNameAsync(StaffUser user, string? normalizedName, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IdentityResult> CreateAsync(StaffUser user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IdentityResult> UpdateAsync(StaffUser user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IdentityResult> DeleteAsync(StaffUser user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    private static UserPasskeyInfo Of(StaffPasskey passkey) => new(
        WebEncoders.Base64UrlDecode(passkey.Id), Convert.FromBase64String(passkey.PublicKey), passkey.AddedAt, passkey.SignCount,
        transports: [], isUserVerified: true, passkey.Synced != PasskeySync.Never, passkey.Synced == PasskeySync.Done,
        attestationObject: [], clientDataJson: [])
    { Name = passkey.Name };
}
