using System.Text;
using CoopLine.BrowserTests.Fixtures;
using CoopLine.Grains;
using CoopLine.Grains.Staff;
using CoopLine.Tests.Fixtures;
using CoopLine.Webhook.Console;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CoopLine.BrowserTests;

/// <summary>How members of staff sign in, and who manages them.</summary>
public sealed class Staff_screens(Shop shop) : Screens(shop), IClassFixture<Shop>
{
    private const int PageLimitBytes = 60 * 1024;

    private static readonly Look Desk = new() { Width = 1000, Height = 800, StopClock = false };

    /// <summary>By a name: no passkey is for an address.</summary>
    private Uri Address => new($"http://localhost:{Shop.Coop.Host.Address.Port}");

    [Fact]
    public async Task A_guest_makes_a_passkey_signs_in_with_it_and_it_opens_nothing_once_it_is_removed()
    {
        var name = Some.StaffName();
        var screen = await Shop.Open(await Invite(name), Desk);
        await Authenticator(screen.Page);
        await screen.Shows("ようこそ、鈴木さん");
        await Look("staff-invitation", "staff: an invitation, with the two ways to sign in", screen);

        await screen.Press("パスキーを作る");
        await screen.ShowsText("登録できました。サインインしてください。");
        await screen.Press("パスキーでサインイン");
        await screen.Shows("自分のサインイン");
        await screen.ShowsText("店長");
        await Look("staff-me", "staff: one's own ways in and browsers", screen);

        await screen.Press("最初のパスキーを消す");
        await Expect(screen.GetByRole(AriaRole.Alert).First).ToContainTextAsync("これを消すとサインインできなくなります。");
        await Look("staff-me-last-way", "staff: the last way in stays", screen);

        await screen.GetByRole(AriaRole.Link, new() { Name = "パスワードを作る" }).ClickAsync();
        await screen.Shows("パスワードを作る");
        await Look("staff-password", "staff: a password and an app for codes", screen);
        Assert.Matches("^QR-Code:otpauth://totp/.*secret=[A-Z2-7]{32}&", Assert.Single(await Scanner.Read(await screen.Locator(".qr").ScreenshotAsync())));
        var app = new Colleague(name, StaffSteps.Password, (await screen.Locator("code").InnerTextAsync()).Replace(" ", "", StringComparison.Ordinal), Shop.Coop.Clock);
        await screen.Field("新しいパスワード").FillAsync(app.Password);
        await screen.Field("コード(数字6ケタ)").FillAsync("000000");
        await screen.Press("パスワードを保存");
        await Expect(screen.GetByRole(AriaRole.Alert).First).ToContainTextAsync("コードがちがいます。");
        await screen.Field("新しいパスワード").FillAsync(app.Password);
        await screen.Field("コード(数字6ケタ)").FillAsync(app.Code());
        await screen.Press("パスワードを保存");
        await screen.ShowsText("パスワードを保存しました。");

        await screen.Press("最初のパスキーを消す");
        await screen.ShowsText("パスキーを消しました。");
        await screen.Press("サインアウト");
        await screen.Press("パスキーでサインイン");
        await Expect(screen.GetByRole(AriaRole.Alert).First).ToContainTextAsync("このパスキーではサインインできません。");
        await screen.GotoAsync(new Uri(Address, "/staff/me").ToString());
        await Expect(screen.GetByRole(AriaRole.Heading, new() { Name = "サインイン", Exact = true })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_second_passkey_is_added_with_a_name_and_one_that_is_not_made_changes_nothing()
    {
        var colleague = await Shop.Coop.NewColleague(StaffRole.Marketing);
        var screen = await SignIn(colleague);
        await screen.Field("パスキーの名前").FillAsync("窓口のパソコン");
        var cdp = await Authenticator(screen.Page, isVerified: false); // somebody else's finger
        await screen.Press("パスキーを追加");
        await screen.ShowsText("パスキーを使えませんでした。もう一度お試しください。");
        Assert.Empty((await Shop.Coop.Grains.Staff(colleague.Name).Read()).Passkeys);

        await cdp.SendAsync("WebAuthn.disable");
        await Authenticator(screen.Page);
        await screen.Press("パスキーを追加");
        await screen.ShowsText("パスキーを追加しました。");
        await screen.ShowsText("窓口のパソコン(2026-11-22から)");
    }

    [Fact]
    public async Task A_device_that_does_not_ask_who_holds_it_makes_no_passkey_whatever_the_page_was_told()
    {
        var colleague = await Shop.Coop.NewColleague(StaffRole.Marketing);
        var screen = await SignIn(colleague);
        await Authenticator(screen.Page, canVerify: false);
        await screen.Page.RouteAsync("**/staff/me/passkeys/offer", async route =>
        {
            var offer = await route.FetchAsync();
            var weaker = (await offer.TextAsync()).Replace("\"userVerification\":\"required\"", "\"userVerification\":\"discouraged\"", StringComparison.Ordinal);
            await route.FulfillAsync(new() { Response = offer, Body = weaker });
        });
        await screen.Field("パスキーの名前").FillAsync("窓口のパソコン");

        await screen.Press("パスキーを追加");

        await Expect(screen.GetByRole(AriaRole.Alert).First).ToContainTextAsync("パスキーを作れませんでした。");
        Assert.Empty((await Shop.Coop.Grains.Staff(colleague.Name).Read()).Passkeys);
    }

    [Fact]
    public async Task The_door_tells_what_is_wrong_and_works_without_a_script()
    {
        var colleague = await Shop.Coop.NewColleague(StaffRole.Auditor);
        var screen = await Shop.Open(new(Address, "/staff/sign-in"), Desk);
        await Expect(screen.Button("パスキーでサインイン")).ToBeVisibleAsync();
        await Look("staff-sign-in", "staff: signing in", screen);

        var plain = await Shop.Open(new(Address, "/staff/me"), Desk with { JavaScript = false });
        await Expect(plain.Button("パスキーでサインイン")).ToBeHiddenAsync();
        await Fill(plain, colleague with { Password = "incorrect horse battery" });
        await Expect(plain.GetByRole(AriaRole.Alert).First).ToContainTextAsync("サインインできません。");
        await Expect(plain.Field("名前")).ToHaveValueAsync(colleague.Name);
        await plain.GetByRole(AriaRole.Alert).First.GetByRole(AriaRole.Link).ClickAsync();
        Assert.EndsWith("#name", plain.Url, StringComparison.Ordinal);
        await Fill(plain, colleague);
        await plain.Shows("自分のサインイン");

        await Fill(screen, colleague with { Name = "nobody" });
        await Expect(screen.GetByRole(AriaRole.Alert).First).ToContainTextAsync("サインインできません。");
        await Look("staff-sign-in-refused", "staff: a name, password or code that is wrong", screen);
    }

    [Fact]
    public async Task Who_manages_the_staff_invites_changes_and_removes()
    {
        var manager = await SignIn(await Shop.Coop.NewColleague(StaffRole.Operator));
        await manager.GetByRole(AriaRole.Link, new() { Name = "職員アカウント" }).ClickAsync();
        await manager.Shows("職員アカウント");
        await Look("staff-accounts", "staff: all accounts", manager);
        await manager.GetByRole(AriaRole.Link, new() { Name = "職員を招待" }).ClickAsync();
        await manager.Shows("職員を招待");
        await manager.Field("名前").FillAsync("till");
        await manager.Field("表示名").FillAsync("佐藤");
        await manager.Press("招待のリンクを作る");
        await Expect(manager.GetByRole(AriaRole.Alert).First).ToContainTextAsync("この名前は使えません。");
        await Look("staff-new-account-faults", "staff: an invitation that cannot be meant", manager);

        var name = Some.StaffName();
        await manager.Field("名前").FillAsync(name);
        await manager.GetByLabel("窓口").CheckAsync();
        await manager.Field("店").FillAsync("0123");
        await manager.Press("招待のリンクを作る");
        await manager.Shows("佐藤");
        await Expect(manager.Locator(".link code")).ToContainTextAsync("/staff/invitation?token=");
        await Look("staff-account", "staff: an account, with the link that is shown once", manager);

        await manager.GetByLabel("監査").CheckAsync();
        await manager.Press("保存");
        await manager.ShowsText("保存しました。");
        await manager.GetByLabel("佐藤さんのアカウントを消します。").CheckAsync();
        await manager.Press("アカウントを消す");
        await manager.ShowsText("アカウントを消しました。");
        await Expect(manager.GetByText(name)).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Every_other_page_of_theirs_can_be_read_by_everybody()
    {
        var clerk = await SignIn(await Shop.Coop.NewColleague(Some.StaffName(), ["0123"], StaffRole.Clerk));
        await clerk.GotoAsync(new Uri(Address, "/staff/accounts").ToString());
        await clerk.Shows("この画面は使えません");
        await Look("staff-forbidden", "staff: a page for other roles", clerk);
        await clerk.GotoAsync(new Uri(Address, "/staff/nowhere").ToString());
        await clerk.Shows("ページがありません");
        await Look("staff-no-such-page", "staff: no such page", clerk);
        await clerk.GotoAsync(new Uri(Address, "/staff/invitation?token=00&for=nobody").ToString());
        await clerk.Shows("この招待は使えません");
        await Look("staff-invitation-over", "staff: a link that was used, or is too old", clerk);
    }

    [Fact]
    public async Task Where_nobody_has_an_account_a_link_asks_for_a_name_and_in_the_demo_a_role_is_picked()
    {
        await using var coop = new RunningSystem
        {
            Wrap = services => services.AddSingleton(new DemoStaff(["demo-operator"])),
            Also = { ["CoopLine:Staff:ApiKeys:demo-operator"] = "nobody-knows-this-key", ["CoopLine:Staff:Roles:demo-operator"] = "operator" },
        };
        await coop.InitializeAsync();
        coop.Clock.Advance(TimeSpan.FromMinutes(1));
        var token = Tokens.New();
        Assert.True(await coop.Grains.StaffDirectory.OfferFirst(Tokens.HashOf(token)));

        var screen = await Shop.Open(new(coop.Host.Address, InvitationEndpoints.Address(token, account: null)), Desk);
        await screen.Field("名前").FillAsync("till");
        await screen.Field("表示名").FillAsync("鈴木");
        await screen.Press("次へ");
        await Expect(screen.GetByRole(AriaRole.Alert).First).ToContainTextAsync("この名前は使えません。");
        await Look("staff-first-account", "staff: the first account, with a name that is taken", screen);
        await screen.Field("名前").FillAsync("suzuki");
        await screen.Press("次へ");
        await screen.Shows("ようこそ、鈴木さん");

        await screen.GotoAsync(new Uri(coop.Host.Address, "/staff/sign-in").ToString());
        await Look("staff-demo", "staff: in the demo, a role is picked", screen);
        await screen.Press("運用");
        await screen.Shows("自分のサインイン");
        await screen.ShowsText("設定ファイルの職員キーでサインインしています。");
    }

    [Fact]
    public async Task The_pages_are_in_English_for_who_wants_that()
    {
        var colleague = await Shop.Coop.NewColleague(StaffRole.StoreManager, StaffRole.Approver);
        var screen = await Shop.Open(new(Address, "/staff/sign-in"), Desk with { Locale = "en-US" });
        await screen.Shows("Sign in");
        await screen.Field("Name").FillAsync(colleague.Name);
        await screen.Field("Password").FillAsync(colleague.Password);
        await screen.Field("Code (six digits)").FillAsync(colleague.Code());
        await screen.Button("Sign in").ClickAsync();

        await screen.Shows("My sign-in");
        await screen.ShowsText("Store manager, Approver");
    }

    private async Task<IFrame> SignIn(Colleague colleague)
    {
        var screen = await Shop.Open(new(Address, "/staff/me"), Desk);
        await Fill(screen, colleague);
        await screen.Shows("自分のサインイン");
        return screen;
    }

    private static async Task Fill(IFrame screen, Colleague colleague)
    {
        await screen.Field("名前").FillAsync(colleague.Name);
        await screen.Field("パスワード").FillAsync(colleague.Password);
        await screen.Field("コード(数字6ケタ)").FillAsync(colleague.Code());
        await screen.Press("サインイン");
    }

    private async Task<Uri> Invite(string name)
    {
        var token = Tokens.New();
        await Shop.Coop.Grains.StaffDirectory.Invite(new(name, "鈴木", [StaffRole.StoreManager], ["0123"]), Tokens.HashOf(token), "tester");
        return new(Address, InvitationEndpoints.Address(token, name));
    }

    /// <summary>A device that knows its owner, as Chromium simulates it.</summary>
    private static async Task<ICDPSession> Authenticator(IPage page, bool isVerified = true, bool canVerify = true)
    {
        var cdp = await page.Context.NewCDPSessionAsync(page);
        await cdp.SendAsync("WebAuthn.enable");
        await cdp.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2",
                ["transport"] = "internal",
                ["hasResidentKey"] = true,
                ["hasUserVerification"] = canVerify,
                ["isUserVerified"] = isVerified,
                ["automaticPresenceSimulation"] = true,
            },
        });
        return cdp;
    }

    private static async Task Look(string name, string words, IFrame screen)
    {
        var bytes = Encoding.UTF8.GetByteCount(await screen.ContentAsync());
        Assert.True(bytes <= PageLimitBytes, $"{name} has {bytes} bytes.");
        await Check(name, words, screen);
        await Resize(screen.Page, Desk.Width, Desk.Height);
        await screen.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light, ReducedMotion = ReducedMotion.Reduce });
    }
}
