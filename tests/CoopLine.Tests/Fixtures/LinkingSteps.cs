using System.Net;
using System.Text.Json;
using CoopLine.Grains;
using CoopLine.Grains.Accounts;
using CoopLine.Simulator;
using Microsoft.AspNetCore.WebUtilities;

namespace CoopLine.Tests.Fixtures;

/// <summary>What a browser was shown.</summary>
internal sealed record ShownPage(HttpStatusCode Status, string Text, Uri? Location, string? RetryAfter, bool SetsCookie);

/// <summary>Steps that the stories of linking share.</summary>
internal static class LinkingSteps
{
    public const string LinkedMenu = "coopline-linked";
    public const string DefaultMenu = "coopline-unlinked";

    /// <summary>Whom to call, as configured.</summary>
    public static readonly string[] Contact = ["コープさくら", "0120-000-111", "月~土 9時~18時"];

    extension(RunningSystem coop)
    {
        /// <summary>A registered member, and a friend who has not linked yet.</summary>
        public async Task<(SimulatedPhone Phone, RegisteredMember Member)> Newcomer(string businesses = "store") =>
            (await coop.NewFriend(), await coop.NewMember(businesses));

        /// <summary>A friend whose member number is linked, and who has been told so.</summary>
        public async Task<(SimulatedPhone Phone, RegisteredMember Member)> LinkedFriend(string businesses = "store")
        {
            var (phone, member) = await coop.Newcomer(businesses);
            await coop.Link(phone, member);
            await phone.WaitForMessage("連携が完了しました");
            return (phone, member);
        }

        /// <summary>Taps the banner and opens the page: the ten minutes start.</summary>
        public async Task<Uri> OpenPage(SimulatedPhone phone)
        {
            var page = await coop.TapLink(phone);
            Assert.Equal(HttpStatusCode.OK, await coop.Open(page));
            return page;
        }

        /// <summary>Taps and opens the page without a moment passing; for tests of deadlines.</summary>
        public async Task<Uri> TapLinkAtOnce(SimulatedPhone phone)
        {
            var before = phone.LastLinkUri;
            await phone.TapBanner("link");
            await phone.WaitForMessage(_ => phone.LastLinkUri != before, "the message with the link page");
            await coop.Open(phone.LastLinkUri!);
            return phone.LastLinkUri!;
        }

        /// <summary>What the page's script says as soon as somebody sees the page: the ten minutes start.</summary>
        public async Task<HttpStatusCode> Open(Uri page)
        {
            using var opened = await coop.Http.PostAsync(new Uri(page + "/opened"), null);
            return opened.StatusCode;
        }

        /// <summary>Asks for the page as a crawler does: nothing starts.</summary>
        public async Task<ShownPage> Visit(Uri page) => await Read(await coop.Http.GetAsync(page));

        /// <summary>Sends the form with the member's own answers, or with others.</summary>
        public async Task<ShownPage> Answer(
            Uri page, RegisteredMember member, string? number = null, string? phone = null, string? birthDate = null) =>
            await Read(await coop.SendForm(
                page, number ?? member.Number, phone ?? member.Phone, birthDate ?? member.BirthDate));

        /// <summary>What staff see of a member number.</summary>
        public async Task<JsonElement> Look(string number)
        {
            using var staff = coop.Staff();
            return await staff.GetFromJsonAsync<JsonElement>($"/staff/v1/members/{number}");
        }

        /// <summary>Whether the number is linked, and to this phone.</summary>
        public async Task<bool> IsLinked(string number, SimulatedPhone phone)
        {
            var account = $"{phone.UserId[..5]}…{phone.UserId[^4..]}";
            return (await coop.Look(number)).GetProperty("link") is { ValueKind: JsonValueKind.Object } link
                && link.GetProperty("account").GetString() == account;
        }

        public async Task<bool> IsFree(string number) =>
            (await coop.Look(number)).GetProperty("link").ValueKind == JsonValueKind.Null;

        public async Task<HttpResponseMessage> UnlinkByStaff(
            string number, string reason = "スマホの機種変更", string identityCheck = "運転免許証")
        {
            using var staff = coop.Staff();
            return await staff.PostAsJsonAsync($"/staff/v1/members/{number}/unlink", new { reason, identityCheck });
        }

        public async Task ClearLocks(string number)
        {
            using var staff = coop.Staff();
            using var cleared = await staff.PostAsync($"/staff/v1/members/{number}/locks/clear", null);
            Assert.Equal(HttpStatusCode.OK, cleared.StatusCode);
        }

        /// <summary>Rows of the ledger, newest first.</summary>
        public async Task<JsonElement[]> Ledger(string member, string? kind = null)
        {
            using var staff = coop.Staff();
            var page = await staff.GetFromJsonAsync<JsonElement>(
                $"/staff/v1/ledger?member={member}&limit=200{(kind is null ? "" : $"&kind={kind}")}");
            return [.. page.GetProperty("rows").EnumerateArray()];
        }

        /// <summary>What the coupon page offers this phone.</summary>
        public async Task<(bool Linked, string[] Usable, string[] Used)> Coupons(SimulatedPhone phone)
        {
            coop.Clock.Advance(TimeSpan.FromSeconds(1)); // what is published shows within a second
            using var page = coop.Member(phone);
            var offers = await page.GetFromJsonAsync<JsonElement>("/coupons/available");
            return (offers.GetProperty("linked").GetBoolean(), Campaigns("usable"), Campaigns("used"));

            string[] Campaigns(string list) =>
                [.. offers.GetProperty(list).EnumerateArray().Select(one => one.GetProperty("campaign").GetString()!)];
        }

        /// <summary>
        /// Lets time pass until the sweeper has gone round, when no earlier round is under way. What is written in the
        /// round's own minute is left to the next: what a test ordered to fail has to have failed.
        /// </summary>
        public async Task NextRound()
        {
            await coop.Grains.Sweeper.Sweep();
            coop.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        /// <summary>Lets the phone's next write fail, when all that came before is written.</summary>
        public async Task FailWriteOf(SimulatedPhone phone, Fault fault)
        {
            await phone.WaitForMessage("お友だち登録ありがとうございます");
            await coop.SenderIsIdle(phone);
            coop.Faults.Order("line-account", fault, key: "u-" + phone.UserId);
        }

        /// <summary>
        /// Returns when CoopLine has taken notice of LINE's last answer for this phone, so that a pause before the next
        /// try runs on the clock: a call behind the sender's own waits for it.
        /// </summary>
        public async Task SenderIsIdle(SimulatedPhone phone) =>
            await coop.Grains.GetGrain<ILineSenderGrain>("u-" + phone.UserId)
                .AsReference<Orleans.Core.Internal.IGrainManagementExtension>().DeactivateOnIdle();
    }

    /// <summary>The phone's friend unlinks: banner, question, yes.</summary>
    public static async Task Unlink(this SimulatedPhone phone)
    {
        await phone.Tap(await phone.AskToUnlink());
        await phone.WaitForRichMenu(DefaultMenu);
    }

    /// <summary>Taps the banner; returns the button that confirms.</summary>
    public static async Task<MessageButton> AskToUnlink(this SimulatedPhone phone)
    {
        var before = phone.Count("解除しますか");
        await phone.TapBanner("unlink");
        await phone.WaitForMessage(_ => phone.Count("解除しますか") > before, "the question whether to unlink");
        return phone.Messages.Last(message => message.Text.Contains("解除しますか", StringComparison.Ordinal)).Buttons[0];
    }

    /// <summary>
    /// Returns when everything that this phone's earlier events asked for has been done and said: a tap that changes
    /// nothing is answered last.
    /// </summary>
    public static async Task Settle(this SimulatedPhone phone)
    {
        const string nothingChanged = "組合員番号の連携は、そのままです";
        var before = phone.Count(nothingChanged);
        Assert.Equal(HttpStatusCode.OK, await phone.Tap("action=unlink-cancel"));
        await phone.WaitForMessage(_ => phone.Count(nothingChanged) > before, "the answer to a tap that changes nothing");
    }

    public static int Count(this SimulatedPhone phone, string text) =>
        phone.Messages.Count(message => message.Text.Contains(text, StringComparison.Ordinal));

    /// <summary>The nonce in the address of LINE's dialog.</summary>
    public static string NonceOf(Uri dialog) => QueryHelpers.ParseQuery(dialog.Query)["nonce"].ToString();

    /// <summary>The page's words without what differs from call to call: addresses, trace id, time left, what was typed.</summary>
    public static string WordsOf(string text) => System.Text.RegularExpressions.Regex.Replace(
        text, "action=\"/link/[^\"]+\"|<code>[0-9a-f]{32}</code>|data-(deadline|now)=\"[0-9]+\"|[0-9]+分[0-9]+秒|[0-9]+時[0-9]+分|「[0-9年月日]+」|value=\"[^\"]*\"", "");

    public static void AssertNamesWhomToCall(string text) =>
        Assert.All(Contact, words => Assert.Contains(words, text, StringComparison.Ordinal));

    private static async Task<ShownPage> Read(HttpResponseMessage response)
    {
        using (response)
        {
            return new(
                response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.Location,
                response.Headers.RetryAfter?.ToString(), response.Headers.Contains("Set-Cookie"));
        }
    }
}
