using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CoopLine.Grains;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;
using CoopLine.Silo.Storage;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;
using CoopLine.Tests.Races;

namespace CoopLine.Tests.Interrupted;

/// <summary>One thing that people do, against faults: first what leads up to it, then the part in which faults strike.</summary>
internal sealed record Story(string Name, Func<Run, Task> Before, Func<Run, Task> Act)
{
    /// <summary>Everything that writes more than once on its way.</summary>
    public static readonly IReadOnlyList<Story> All =
    [
        new("link", run => run.BecomeFriend(), run => run.Link()),
        new("unlink", async run =>
        {
            await run.BecomeFriend();
            await run.Link();
        }, run => run.Unlink()),
        new("staff unlink", async run =>
        {
            await run.BecomeFriend();
            await run.Link();
        }, run => run.UnlinkByStaff()),
        new("renumber", async run =>
        {
            await run.BecomeFriend();
            await run.Link();
        }, run => run.Renumber()),
        new("erase", async run =>
        {
            await run.LinkAndRedeem(2);
            await run.Withdraw();
        }, run => run.Erase()),
        new("redeem one coupon", run => run.LinkAndPublish(1), async run =>
        {
            await run.ShowCode();
            await run.Redeem();
        }),
        new("redeem several coupons", run => run.LinkAndPublish(3), async run =>
        {
            await run.ShowCode();
            await run.Redeem();
        }),
        new("void", run => run.LinkAndRedeem(2), run => run.OfReceipt("/void")),
        new("return", run => run.LinkAndRedeem(2), run => run.OfReceipt("/returns", new { lines = Run.SecondLine })),
        new("campaign", run => Task.CompletedTask, run => run.PublishAndStop()),
    ];

    public override string ToString() => Name;
}

/// <summary>One telling of a story: its own people and things, and what is left of it in the end.</summary>
internal sealed partial class Run(Crowd crowd, Func<Task> recover)
{
    public static readonly int[] SecondLine = [2];

    private readonly RegisteredMember member = Some.Member();
    private readonly string successor = Some.Member().Number;
    private SimulatedPhone phone = null!;
    private string[] campaigns = [];
    private string code = "";
    private Sale sale = null!;

    private RunningSystem Coop => crowd.Coop;

    public async Task BecomeFriend()
    {
        await Coop.Register(member);
        phone = await Coop.NewFriend();
        await Consistency.Finished(Coop);
    }

    public async Task LinkAndPublish(int coupons)
    {
        campaigns = await crowd.Campaigns(coupons);
        await BecomeFriend();
        await Link();
        await Consistency.Finished(Coop);
    }

    public async Task LinkAndRedeem(int coupons)
    {
        await LinkAndPublish(coupons);
        await ShowCode();
        await Redeem();
    }

    public async Task Link()
    {
        await Webhook(() => phone.TapBanner("link"));
        await phone.WaitForMessage(_ => phone.LastLinkUri is not null, "the message with the link page");
        var page = phone.LastLinkUri!;
        Assert.Equal(200, (int)(await Answered.To(() => Coop.Http.PostAsync(new Uri(page + "/opened"), null), recover)).Status);
        Uri? dialog = null;
        await Answered.To(async () =>
        {
            var sent = await Coop.SendForm(page, member);
            dialog = sent.Headers.Location;
            return sent;
        }, recover);
        await Webhook(async () => (await Coop.Line.OpenAccountLinkDialog(dialog!, phone.UserId)).WebhookStatus);
    }

    public async Task Unlink()
    {
        await Webhook(() => phone.TapBanner("unlink"));
        var asked = await phone.WaitForMessage("解除しますか");
        await Webhook(() => phone.Tap(asked.Buttons.Single(button => button.Label == "解除する")));
    }

    public async Task UnlinkByStaff()
    {
        var answer = await Answered.To(() => Coop.Staff().PostAsJsonAsync(
            $"/staff/v1/members/{member.Number}/unlink", new { reason = "機種変更", identityCheck = "運転免許証" }), recover);
        // After a write that was not confirmed, staff learn that there is no link any more.
        Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.Conflict, $"{answer}");
    }

    public async Task Renumber()
    {
        await Coop.Register(
            member with { Number = successor }, member with { ReplacedBy = successor });
        await Sweep();
        await Consistency.FinishedOrFailed(Coop);
        await recover();
        await Consistency.Finished(Coop);
        await Sweep(); // Whom the first round could not help is found again.
    }

    public async Task Withdraw()
    {
        await Coop.Withdraw(member);
        await phone.WaitForMessage("ご登録がなくなった");
        await Consistency.Finished(Coop);
    }

    public async Task Erase()
    {
        Coop.Faults.ForgetFailed();
        var answer = await Answered.To(() => Coop.Staff().PostAsJsonAsync(
            $"/staff/v1/members/{member.Number}/erase", new { reason = sale.Path, identityCheck = "来店" }), recover);
        Assert.Equal(200, (int)answer.Status);
        // A round of the sweeper that comes before the account has answered would only ask it again.
        await Eventually.Holds(
            async () => await Coop.Erasing(member.Number) is null or { Accounts: [] } || Coop.Faults.Failed > 0,
            "The account has not forgotten the number.");
        await Eventually.Holds(async () =>
        {
            if (await Coop.Erasing(member.Number) is not { } erasing) return true;
            await recover();
            if (erasing.Accounts is []) Coop.Clock.Advance(Grains.Members.Erasing.Wait);
            await Sweep();
            return false;
        }, "The erasure is not done.");
    }

    public async Task ShowCode()
    {
        var answer = await Answered.To(() => Coop.AskForCode(phone, campaigns), recover);
        code = answer.Body.GetProperty("code").GetString()!;
    }

    public async Task Redeem()
    {
        sale = crowd.SaleOf(code, campaigns.Length);
        var answer = await Answered.To(() => Coop.Till().PostAsJsonAsync("/pos/v1/redemptions", sale), recover);
        Assert.True(answer.Redeemed, $"{answer.Body}");
        Assert.Equal(campaigns.Length, answer.Body.GetProperty("discounts").GetArrayLength());
    }

    public async Task OfReceipt(string what, object? body = null)
    {
        var answer = await Answered.To(
            () => Coop.Till().PostAsJsonAsync($"/pos/v1/receipts/{sale.Path}{what}", body ?? new { }), recover);
        Assert.Equal(200, (int)answer.Status);
    }

    public async Task PublishAndStop()
    {
        campaigns = [Some.CampaignId()];
        var address = $"/staff/v1/campaigns/{campaigns[0]}";
        Assert.Equal(200, (int)(await Answered.To(() => Coop.Staff().PutAsJsonAsync(address, Some.Campaign()), recover)).Status);
        foreach (var step in new[] { "/publish", "/stop" })
            Assert.Equal(200, (int)(await Answered.To(() => Coop.Staff().PostAsync(address + step, null), recover)).Status);
    }

    /// <summary>Ledger, states and messages of this run, with names in place of everything that differs from run to run.</summary>
    public async Task<string> WhatIsLeft()
    {
        var database = Coop.Host.Services.GetRequiredService<Database>();
        var mine = (await StoredState.All(database)).Where(state => IsMine(state.Key));
        var rows = (await StoredState.Ledger(Coop.Host.Services.GetRequiredService<ILedger>()))
            .Where(row => row.Member == member.Number || row.Member == successor || row.Receipt == (sale?.Path ?? "")
                || row.Reason == (sale?.Path ?? "")
                || (row.Member is null && campaigns.Contains(row.Campaign)));
        string[] lines =
        [
            .. rows.Select(row => $"ledger: {JsonSerializer.Serialize(row with { TraceId = null }, StateJson.Options)}"),
            .. mine.Select(state => Named($"{state.Name} {state.Key}: {Kept(state)}")).Order(StringComparer.Ordinal),
            .. phone is null ? [] : phone.Messages.Select(message => $"message: {message.Text} {string.Join(' ', message.Buttons)}"),
            $"menu: {phone?.RichMenu}",
        ];
        return string.Join('\n', lines.Select(Named));
    }

    private bool IsMine(string key) =>
        key == "u-" + phone?.UserId || key == "m-" + member.Number || key == "m-" + successor
        || key == "r-" + sale?.Path || campaigns.Any(id => key == "p-" + id || key.StartsWith($"k-{id}/", StringComparison.Ordinal));

    /// <summary>Not the rows of the last change: they are in the ledger.</summary>
    private static string Kept(StoredState state)
    {
        var json = JsonNode.Parse(state.Json)!.AsObject();
        json.Remove("ledger");
        json.Remove("counts");
        return json.ToJsonString(StateJson.Options);
    }

    private string Named(string line)
    {
        // Hexadecimal digits first: a part of them may look like a number or an event.
        line = Hash().Replace(line, "HASH");
        line = Pseudonym().Replace(line, "PSEUDONYM");
        line = Erasure().Replace(line, "ERASURE");
        line = Decision().Replace(line, "DECISION");
        line = Trace().Replace(line, "");
        foreach (var (index, id) in campaigns.Index()) line = line.Replace(id, $"CAMPAIGN{index}", StringComparison.Ordinal);
        if (phone is not null) line = line.Replace(phone.UserId, "ACCOUNT", StringComparison.Ordinal);
        if (sale is not null) line = line.Replace(sale.Path, "RECEIPT", StringComparison.Ordinal);
        if (sale is not null) line = line.Replace($"\"number\":\"{sale.Path[^6..]}\"", "\"number\":\"RECEIPT\"", StringComparison.Ordinal);
        line = line.Replace(member.Number, "MEMBER", StringComparison.Ordinal).Replace(successor, "SUCCESSOR", StringComparison.Ordinal);
        line = Moment().Replace(line, "MOMENT");
        line = Stamp().Replace(line, "|STAMP");
        line = Event().Replace(line, "EVENT");
        return Page().Replace(JapaneseTime().Replace(line, "TIME"), "/link/SESSION");
    }

    private async Task Sweep()
    {
        Coop.Clock.Advance(TimeSpan.FromSeconds(6));
        await Coop.Grains.Sweeper.Sweep();
    }

    /// <summary>LINE delivers again what was not taken.</summary>
    private async Task Webhook(Func<Task<HttpStatusCode?>> send)
    {
        var status = await send();
        for (var again = 0; status is not HttpStatusCode.OK; again++)
        {
            Assert.InRange(again, 0, 10);
            await recover();
            status = (await Coop.Line.RedeliverFailed())[^1];
        }
    }

    [GeneratedRegex(@",?\\?""traceId\\?"":\\?""[0-9a-f]*\\?""")]
    private static partial Regex Trace();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+\d\d:\d\d|Z)")]
    private static partial Regex Moment();

    [GeneratedRegex(@"\|\d{13}(?=\W)")]
    private static partial Regex Stamp();

    [GeneratedRegex("[0-9A-HJKMNP-TV-Z]{26}")]
    private static partial Regex Event();

    [GeneratedRegex("erased-[0-9a-f]{32}")]
    private static partial Regex Pseudonym();

    [GeneratedRegex(@"erased\|[0-9a-f]{32}")]
    private static partial Regex Erasure();

    [GeneratedRegex("[0-9a-f]{64}")]
    private static partial Regex Hash();

    [GeneratedRegex("(?<=\"decision\":\")[0-9a-f]{32}(?=\")")]
    private static partial Regex Decision();

    [GeneratedRegex(@"\d+月\d+日 \d+時\d+分")]
    private static partial Regex JapaneseTime();

    [GeneratedRegex("/link/[A-Za-z0-9_-]+")]
    private static partial Regex Page();
}
