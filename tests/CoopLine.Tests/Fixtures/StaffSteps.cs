using System.Collections.Immutable;
using CoopLine.Grains;
using CoopLine.Grains.Staff;
using CoopLine.Webhook.Console;

namespace CoopLine.Tests.Fixtures;

/// <summary>Somebody with an account, a password and an app that shows codes.</summary>
internal sealed record Colleague(string Name, string Password, string Key, TimeProvider Clock)
{
    /// <summary>What the app shows now, or has shown so many codes ago.</summary>
    public string Code(int ago = 0) => Totp.Code(Key, Clock.GetUtcNow().AddSeconds(-30 * ago));
}

/// <summary>Accounts as they are after somebody has used an invitation.</summary>
internal static class StaffSteps
{
    public const string Password = "correct horse battery";

    extension(RunningSystem coop)
    {
        public Task<Colleague> NewColleague(params ImmutableArray<StaffRole> roles) => coop.NewColleague(Some.StaffName(), null, roles);

        public async Task<Colleague> NewColleague(string name, ImmutableArray<string>? stores, params ImmutableArray<StaffRole> roles)
        {
            var token = Tokens.HashOf(Tokens.New());
            await coop.Grains.StaffDirectory.Invite(new(name, name + "さん", roles, stores), token, "tester");
            var passwords = coop.Host.Services.GetRequiredService<Passwords>();
            var (key, sealedKey) = passwords.NewKey(name);
            var colleague = new Colleague(name, Password, key, coop.Clock);
            var (_, password) = passwords.Read(name, Password, sealedKey, colleague.Code());
            // Set up a while ago: the app shows another code by now.
            Assert.True(await coop.Grains.Staff(name).Join(token, new StaffWay.ByPassword(password! with { LastStep = 0 })));
            return colleague;
        }

        /// <summary>Opens an invitation, and chooses a password.</summary>
        public async Task<Colleague> Join(StaffBrowser guest, string link, string name)
        {
            await guest.Open(link);
            var colleague = coop.AppOf(guest, name);
            await guest.Send(link, ("way", "password"), ("password", colleague.Password), ("key", guest.Hidden("key")), ("code", colleague.Code()));
            return colleague;
        }

        /// <summary>The app, set up with what the page shows.</summary>
        public Colleague AppOf(StaffBrowser browser, string name)
        {
            Assert.Contains("<code>", browser.Text, StringComparison.Ordinal);
            return new(name, Password, browser.Text.Split("<code>")[1].Split("</code>")[0].Replace(" ", "", StringComparison.Ordinal), coop.Clock);
        }
    }
}
