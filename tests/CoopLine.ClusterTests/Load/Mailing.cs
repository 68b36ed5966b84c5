using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using CoopLine.ClusterTests.Fixtures;
using CoopLine.Grains.Messages;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.ClusterTests.Load;

/// <summary>
/// Messages to the same many, one after the other, until processes have been killed as often as is wanted; LINE answers all that it
/// may answer. What must be true afterwards: each of them got each message once.
/// </summary>
internal sealed class Mailing(LineSimulator line, IReadOnlyList<SiloProcess> silos, MailingSize size, Random random)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private const int MessagesMost = 20;

    private readonly SimulatedPhone[] phones = Friends.At(line, size.Persons);
    private readonly Reaper reaper = new(line, silos, random);
    private readonly HttpClient author = Staff(RunningCluster.StaffKey);
    private readonly HttpClient approver = Staff(RunningCluster.ApproverKey);
    private int mishaps;

    public async Task Go()
    {
        var messages = new List<string>();
        while (!IsEnough(messages.Count))
        {
            var id = Some.CampaignId();
            messages.Add(id);
            await Send(id);
            using var over = new CancellationTokenSource();
            var trouble = Trouble(over.Token);
            while (!IsEnough(messages.Count) && !IsOver(await LookAt(id))) await reaper.Strike();
            await over.CancelAsync();
            await trouble;
            line.Trouble.Clear();
            await reaper.Revive();
            await ToTheEnd(id);
        }

        await Check(messages);
    }

    /// <summary>Some dangers last a millisecond: a few more messages, until each has been met.</summary>
    private bool IsEnough(int messages) =>
        reaper.Kills >= size.Kills && (messages >= MessagesMost || Dangers(Multicasts()).Values.All(met => met > 0));

    private RecordedCall[] Multicasts() => [.. line.Calls.Where(call => call.Name == LineCall.Multicast)];

    private async Task Check(List<string> messages)
    {
        string[] wrong = [.. (await Task.WhenAll(messages.Select(WhatIsWrong))).SelectMany(one => one)];
        var units = messages.Select(MessageBodies.Unit).ToArray();
        var (twice, missing) = (0, 0);
        foreach (var phone in phones)
        {
            var got = phone.Messages.CountBy(message => message.Unit ?? "").ToDictionary();
            twice += units.Count(unit => got.GetValueOrDefault(unit) > 1);
            missing += units.Count(unit => !got.ContainsKey(unit));
        }

        var calls = Multicasts();
        var otherBytes = calls.GroupBy(call => call.RetryKey).Count(same => same.Select(call => call.Body).Distinct().Count() > 1);
        var dangers = Dangers(calls);
        Tell($"figures: {messages.Count} messages to {size.Persons} persons each, {calls.Length} calls, {reaper}, {mishaps} times LINE did something else");
        Tell($"figures: {string.Join(", ", dangers.Select(one => $"{one.Key} {one.Value}"))}");
        Tell($"figures: twice {twice}, missing {missing}, keys with two bodies {otherBytes}, sums that are not closed {wrong.Length}");
        Assert.Empty(wrong);
        Assert.Equal((0, 0, 0), (twice, missing, otherBytes));
        Assert.All(dangers, danger => Assert.True(danger.Value > 0, $"It never happened: {danger.Key}"));
    }

    /// <summary>Without them a run would prove nothing.</summary>
    private Dictionary<string, int> Dangers(RecordedCall[] calls)
    {
        // Nothing but the end of a process keeps an answer from being heard that LINE gave; or its caller has given it up.
        var unheard = calls.GroupBy(call => call.RetryKey).Count(same =>
            same.Any(call => call.Status == 409) && same.Any(call => call.Status == 200 && !call.Dropped));
        return new()
        {
            ["kills"] = reaper.Kills,
            ["kills between LINE's 200 and the write"] = Math.Min(reaper.BetweenAnswerAndWrite, unheard),
            ["answers 409"] = calls.Count(call => call.Status == 409),
            ["answers 500"] = calls.Count(call => call is { Status: 500, Dropped: false }),
            ["of them of what LINE had taken"] = calls.GroupBy(call => call.RetryKey).Count(same =>
                same.Any(call => call.Status == 409) && same.All(call => call.Status is 500 or 409 or 429)),
            ["answers 429"] = calls.Count(call => call.Status == 429),
            ["answers lost"] = calls.Count(call => call is { Status: 200, Dropped: true }),
            ["calls lost"] = calls.Count(call => call is { Status: 500, Dropped: true }),
        };
    }

    private async Task<string[]> WhatIsWrong(string id)
    {
        var now = await LookAt(id);
        long Number(string name) => now.GetProperty(name).GetInt64();
        var skipped = now.GetProperty("skipped").EnumerateObject().Sum(one => one.Value.GetInt64());
        return now.GetProperty("status").GetString() == "done" && Number("planned") == size.Persons && Number("accepted") == size.Persons
            && Number("refused") + Number("parked") + Number("waiting") + skipped == 0
            ? []
            : [$"{id}: {now}"];
    }

    private async Task Send(string id)
    {
        using (var put = await author.PutAsJsonAsync(Address(id), new
        {
            title = "お知らせ",
            topic = "store",
            variants = new { linked = new { text = "組合員の皆さまへ" }, unlinked = new { text = "皆さまへ" } },
            spreadMinutes = 0,
            ceilingYen = 0,
        }))
            put.EnsureSuccessStatusCode();
        using var submitted = await author.PostAsync(Address(id, "/submit"), null);
        var hash = JsonElement.Parse(await submitted.Content.ReadAsStringAsync()).GetProperty("hash").GetString();
        using var approved = await approver.PostAsJsonAsync(Address(id, "/approve"), new { hash });
        approved.EnsureSuccessStatusCode();
    }

    /// <summary>Every other call or so meets something.</summary>
    private async Task Trouble(CancellationToken over)
    {
        var seen = reaper.Calls;
        while (!over.IsCancellationRequested)
        {
            await Task.Delay(BetweenLooks, CancellationToken.None);
            if (reaper.Calls == seen || over.IsCancellationRequested) continue;
            seen = reaper.Calls;
            if (random.Next(2) == 0) continue;
            switch (mishaps++ % 5) // in turn: none is missed
            {
                case 0: line.Trouble.DropAfter(LineCall.Multicast); break;
                case 1: line.Trouble.DropBefore(LineCall.Multicast); break;
                case 2: line.Trouble.FailAfter(LineCall.Multicast); break;
                case 3: line.Trouble.RateLimit(LineCall.Multicast); break;
                default: line.Trouble.Fail(LineCall.Multicast); break;
            }
        }
    }

    private async Task ToTheEnd(string id)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!IsOver(await LookAt(id)))
        {
            if (patience.IsCancellationRequested) throw new TimeoutException($"It did not end within {Patience}: {await LookAt(id)}");
            await Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None);
        }
    }

    private static bool IsOver(JsonElement message) =>
        message.ValueKind == JsonValueKind.Object && message.GetProperty("status").GetString() is "done" or "needsPerson" or "stopped";

    /// <returns>Nothing when nobody can say.</returns>
    private async Task<JsonElement> LookAt(string id)
    {
        foreach (var silo in silos.Where(silo => silo.IsRunning))
        {
            try
            {
                using var answer = await author.GetAsync(new Uri(silo.Address, $"/staff/v1/messages/{id}"));
                if (answer.IsSuccessStatusCode) return JsonElement.Parse(await answer.Content.ReadAsStringAsync());
            }
            catch (Exception e) when (Unheard.IsCut(e) || e is OperationCanceledException)
            {
                // The next one is asked.
            }
        }

        return default;
    }

    private Uri Address(string id, string what = "") => new(silos[0].Address, $"/staff/v1/messages/{id}{what}");

    private static HttpClient Staff(string key)
    {
        var http = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return http;
    }

    private static void Tell(FormattableString what) =>
        TestContext.Current.TestOutputHelper!.WriteLine(what.ToString(CultureInfo.InvariantCulture));
}

/// <param name="Block">Persons a call.</param>
internal sealed record MailingSize(int Persons, int Kills, int Block)
{
    private const double SecondsForAKill = 2.5;

    /// <summary>As many as a commit can wait for, or as many as are asked for.</summary>
    public static MailingSize Asked { get; } = new(Chance.Persons ?? 3_000, Chance.Kills ?? 10, Chance.Persons > 10_000 ? 50 : 10);

    /// <summary>At such a pace that it has not ended long before the kills have.</summary>
    public Dictionary<string, string> Settings => new()
    {
        ["CoopLine:Messages:QuietFrom"] = "00:00",
        ["CoopLine:Messages:QuietTo"] = "00:00",
        ["CoopLine:Messages:BlockPersons"] = Block.ToString(CultureInfo.InvariantCulture),
        ["CoopLine:Messages:CallsPerSecond"] =
            ((int)Math.Clamp(Persons / Block / (Kills * SecondsForAKill), 1, 200)).ToString(CultureInfo.InvariantCulture),
        ["CoopLine:Messages:CapMessages"] = "1000",
        ["CoopLine:Messages:Included"] = "1000000000",
    };
}
