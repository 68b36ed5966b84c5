using System.Collections.Concurrent;
using System.Net;
using System.Text.RegularExpressions;
using CoopLine.ClusterTests.Fixtures;
using CoopLine.ClusterTests.Histories;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.ClusterTests.Load;

/// <summary>
/// Members with phones, and the tills they go to, until the caller's time is over. Shoppers keep their link and use
/// coupons; movers lose their link at the counter and link again, two phones at a time.
/// </summary>
internal sealed partial class Crowd(
    Counter counter, LineSimulator line, History history, Sometimes sometimes, Random random, int shoppers, int movers)
    : IDisposable
{
    private const int TillsMax = 3;
    private const int LinksAtOnce = 8;

    private readonly Campaigns campaigns = new(counter, random);
    private readonly ConcurrentQueue<Basket> baskets = new();
    private readonly HttpClient browser = new(new HttpClientHandler { AllowAutoRedirect = false });
    private readonly List<(RegisteredMember Member, SimulatedPhone Phone)> linked = [];
    private readonly List<RegisteredMember> moving = [];

    public IReadOnlyCollection<Basket> Baskets => baskets;

    /// <summary>Members who keep their link, and their phones.</summary>
    public IReadOnlyList<(RegisteredMember Member, SimulatedPhone Phone)> Linked => linked;

    /// <summary>
    /// How long a shopper waits at most before the next coupon. Without it the load takes every processor, and what dies has
    /// to wait before it can come back.
    /// </summary>
    public TimeSpan Pause { get; init; }

    /// <summary>Before anything goes wrong: members in the registry, the shoppers' phones linked.</summary>
    public async Task Prepare()
    {
        var people = Enumerable.Range(0, shoppers + movers).Select(_ => Some.Member()).ToArray();
        await counter.Register(random, people);
        moving.AddRange(people.Skip(shoppers));
        var phones = new SimulatedPhone[shoppers];
        await Parallel.ForAsync(0, shoppers, new ParallelOptions { MaxDegreeOfParallelism = LinksAtOnce }, async (i, _) =>
        {
            phones[i] = await NewFriend();
            var (dialog, said) = await FillInForm(people[i], phones[i]);
            await Link(people[i], phones[i], dialog ?? throw new InvalidOperationException($"A form leads nowhere: {said}"));
        });
        linked.AddRange(people.Zip(phones));
    }

    /// <summary>Returns when the time is over and everything that was begun has its answer, or will never have one.</summary>
    public Task Run() => Task.WhenAll(
    [
        .. linked.Select(one => Task.Run(() => Shop(one.Member, one.Phone, new Random(random.Next())))),
        .. moving.Select(one => Task.Run(() => Move(one, new Random(random.Next())))),
    ]);

    public void Dispose() => browser.Dispose();

    private async Task Shop(RegisteredMember member, SimulatedPhone phone, Random mine)
    {
        for (var next = 0; !counter.IsOver;)
        {
            // Sometimes two coupons on one receipt.
            var chosen = await campaigns.From(next, mine.Next(4) == 0 ? 2 : 1);
            next += chosen.Length;
            await Contest(member, phone, chosen, mine);
            await Task.Delay(Pause * mine.NextDouble());
        }
    }

    /// <summary>Several tills want the same coupons, each for a receipt of its own; some give them back.</summary>
    private async Task Contest(RegisteredMember member, SimulatedPhone phone, string[] chosen, Random mine)
    {
        for (var round = 0; round < 2; round++)
        {
            if (await counter.ShowCode(mine, member.Number, phone, chosen) is not { } code) return;
            await Task.WhenAll(Enumerable.Range(0, mine.Next(1, TillsMax + 1)).Select(_ =>
                Buy(NewBasket(code, member, phone, chosen), new Random(mine.Next()))));
        }
    }

    private async Task Buy(Basket basket, Random mine)
    {
        // A till that is impatient sends the same twice at once.
        var twice = mine.Next(4) == 0 ? counter.Redeem(new Random(mine.Next()), basket) : null;
        var redeemed = (await counter.Redeem(mine, basket)).IsPromise | (twice is not null && (await twice).IsPromise);
        if (mine.Next(3) == 0) await counter.Look(mine, basket);
        if (!redeemed) return;

        if (mine.Next(3) == 0) await counter.Redeem(mine, basket);
        if (mine.Next(3) == 0) return;
        await counter.Void(mine, basket);
        if (mine.Next(3) == 0) await counter.Void(mine, basket);
        if (mine.Next(3) == 0) await counter.Redeem(mine, basket);
        await counter.Look(mine, basket);
    }

    private async Task Move(RegisteredMember member, Random mine)
    {
        for (var next = 0; !counter.IsOver; next++)
        {
            var rivals = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Applicant(member)));
            var winners = await Task.WhenAll(rivals.Select(one => one is { } ready ? Link(member, ready.Phone, ready.Dialog) : Task.FromResult(false)));
            await counter.LookAtMember(mine, member.Number);
            for (var i = 0; i < rivals.Length; i++)
            {
                if (!winners[i]) continue;
                // Shops, and loses the link meanwhile.
                var shopping = Contest(member, rivals[i]!.Value.Phone, await campaigns.From(next, 1), new Random(mine.Next()));
                await counter.Unlink(mine, member.Number);
                await counter.LookAtMember(mine, member.Number);
                await shopping;
            }

            await counter.Unlink(mine, member.Number);
        }
    }

    /// <returns>A new phone, in front of LINE's dialog; null when it did not get there.</returns>
    private async Task<(SimulatedPhone Phone, Uri Dialog)?> Applicant(RegisteredMember member)
    {
        try
        {
            var phone = await NewFriend();
            return await FillInForm(member, phone) is (Dialog: { } dialog, _) ? (phone, dialog) : null;
        }
        catch (TimeoutException)
        {
            return null; // The message with the page did not come in time; this friend gives up.
        }
    }

    private async Task<SimulatedPhone> NewFriend()
    {
        var phone = line.Phone();
        await phone.Follow();
        return phone;
    }

    /// <returns>LINE's dialog; or null and what came instead, when the form was refused or its page did not answer.</returns>
    private async Task<(Uri? Dialog, string Said)> FillInForm(RegisteredMember member, SimulatedPhone phone)
    {
        await phone.TapBanner("link");
        await phone.WaitForMessage(_ => phone.LastLinkUri is not null, "the message with the link page");
        var page = phone.LastLinkUri!;
        using var opened = await Browse(() => browser.PostAsync($"{page}/opened", null));
        if (opened is not { StatusCode: HttpStatusCode.OK }) return (null, $"the page is {opened?.StatusCode.ToString() ?? "silent"}");
        using var sent = await Browse(() => browser.PostAsync(page, new FormUrlEncodedContent(
            [new("memberNumber", member.Number), new("phone", member.Phone), new("birthDate", member.BirthDate)])));
        return sent is null ? (null, "silence") : (sent.Headers.Location is { IsAbsoluteUri: true } dialog ? dialog : null, $"{sent.StatusCode} {await sent.Content.ReadAsStringAsync()}");
    }

    /// <summary>LINE's dialog, and what the phone is told then.</summary>
    private async Task<bool> Link(RegisteredMember member, SimulatedPhone phone, Uri dialog)
    {
        var account = Counter.Shown(phone.UserId);
        var of = history.Member(member.Number);
        var invoked = history.Now();
        try
        {
            await line.OpenAccountLinkDialog(dialog, phone.UserId);
            var told = await phone.WaitForMessage(message => Verdict().IsMatch(message.Text), "the end of linking");
            if (told.Text.Contains("完了しました", StringComparison.Ordinal))
            {
                of.Add($"link {account}", invoked, history.Now(), now => now.Link(account));
                return true;
            }

            if (told.Text.Contains("別のLINE", StringComparison.Ordinal))
            {
                sometimes.Saw(Danger.LinkRaceLost);
                of.Add($"link {account}: linked elsewhere", invoked, history.Now(), now => now.RefuseAsLinked(account));
                return false;
            }
        }
        catch (TimeoutException)
        {
            // No word within a minute: it may be linked or not, now or later.
        }

        of.Add($"link {account}", invoked, null, now => now.MaybeLink(account));
        return false;
    }

    /// <summary>Reloads a page that does not come.</summary>
    private static async Task<HttpResponseMessage?> Browse(Func<Task<HttpResponseMessage>> visit)
    {
        for (var again = 0; again < 20; again++)
        {
            try
            {
                var answer = await visit();
                if ((int)answer.StatusCode < 500) return answer;
                answer.Dispose();
            }
            catch (Exception e) when (Unheard.IsCut(e))
            {
                // The connection was cut.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(300));
        }

        return null;
    }

    private Basket NewBasket(string code, RegisteredMember member, SimulatedPhone phone, string[] chosen)
    {
        var basket = Counter.NewBasket(code, member.Number, Counter.Shown(phone.UserId), chosen);
        baskets.Enqueue(basket);
        return basket;
    }

    [GeneratedRegex("連携が完了しました|別のLINEと連携されています|連携を解除しました|連携できませんでした")]
    private static partial Regex Verdict();
}
