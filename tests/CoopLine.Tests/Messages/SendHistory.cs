using System.Data.Common;
using System.Globalization;
using System.Net;
using System.Text;
using CoopLine.Grains;
using CoopLine.Grains.Messages;
using CoopLine.Silo.Storage;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;
using Host = CoopLine.Tests.Fixtures.Host;

namespace CoopLine.Tests.Messages;

/// <summary>One message to many, sent while things happen at random, and what must be true of it afterwards.</summary>
internal sealed class SendHistory(RunningSystem coop, Host rival, Shakes shakes, SendHistory.Person[] people, Random random)
{
    private const int Events = 25;
    private const int YenAPerson = 3;

    private readonly StringBuilder told = new();
    private string id = "";
    private int callsBefore;
    private int ceilingYen;
    private long? handedOverWhenShut;
    private int heldForMoney;

    public static async Task<Person[]> People(RunningSystem coop)
    {
        var people = new List<Person>();
        for (var i = 0; i < 12; i++)
        {
            var person = new Person(await coop.NewFriend(), await coop.NewMember());
            if (i % 2 == 0) await coop.Link(person.Phone, person.Member);
            people.Add(person);
        }

        return [.. people];
    }

    public override string ToString() => $"{id}\n{told}";

    public async Task Go()
    {
        (shakes.Random, shakes.Percent) = (random, random.Next(3) * 12);
        callsBefore = coop.Line.Calls.Count;
        // Now and then LINE does not know somebody.
        if (random.Next(2) == 0) coop.Execute($"UPDATE OrleansStorage SET GrainIdExtensionString = 'u-nobody' WHERE GrainIdExtensionString = 'u-{Stranger.UserId}'");
        ceilingYen = random.Next(3) == 0 ? YenAPerson * random.Next(people.Length) : 1_000;
        id = await coop.Send(MessageSteps.Define(unlinked: random.Next(4) > 0, kind: "safety", ceilingYen: ceilingYen));
        for (var i = 0; i < Events; i++)
        {
            await Happen();
            await Task.Delay(random.Next(20));
        }

        shakes.Percent = 0;
        coop.Line.Trouble.Clear();
        await ToTheEnd();
    }

    /// <returns>Which dangers it met.</returns>
    public async Task<Dangers> Check()
    {
        var now = await coop.LookAt(id);
        now.AssertAddsUp();
        Assert.Equal(0, now.Number("waiting"));
        var calls = coop.Line.Calls.Skip(callsBefore).Where(call => call.Name == LineCall.Multicast).ToArray();
        foreach (var same in calls.GroupBy(call => call.RetryKey)) Assert.Single(same.Select(call => call.Body).Distinct());
        Assert.InRange(await HandedOver() * YenAPerson, 0, ceilingYen);
        if (now.Status == "stopped" && handedOverWhenShut is { } before) Assert.Equal(before, await HandedOver());
        var rows = await Rows();
        Assert.Equal(rows.Length, rows.Select(row => row.Account).Distinct().Count());
        foreach (var row in rows)
        {
            if (people.FirstOrDefault(person => person.Phone.UserId == row.Account) is not { } person) continue;
            var got = person.Phone.Messages.Count(message => message.Unit == MessageBodies.Unit(id));
            var expected = row.State == "accepted" ? 1 : 0;
            // Whoever has just blocked the account gets nothing of what LINE took.
            Assert.True(got == expected || (got == 0 && person.Blocked), $"{row}: got {got}");
        }

        foreach (var person in people) Assert.True(person.Phone.Messages.Count(message => message.Unit == MessageBodies.Unit(id)) <= 1);
        return new()
        {
            Conflict = calls.Count(call => call.Status == 409),
            ServerError = calls.Count(call => call.Status == 500),
            Dropped = calls.Count(call => call.Dropped),
            Isolated = (int)now.Number("refused"),
            Changed = changed,
            Stopped = now.Status == "stopped" ? 1 : 0,
            HeldForMoney = heldForMoney,
        };
    }

    private int changed;

    private SimulatedPhone Stranger => people[^1].Phone;

    private async Task Happen()
    {
        var person = people[random.Next(people.Length - 1)];
        switch (random.Next(11))
        {
            case 0:
                Tell($"{person.Phone.UserId} blocks");
                person.Blocked = true;
                await person.Phone.Block();
                break;
            case 1:
                Tell($"{person.Phone.UserId} follows");
                await person.Phone.Follow();
                break;
            case 2:
                await person.Phone.Tap($"action=topic-{(random.Next(2) == 0 ? "on" : "off")}&topic=store");
                break;
            case 3:
                Tell($"{person.Phone.UserId} changes the link");
                changed++;
                if (person.Blocked) break;
                if ((await coop.Grains.Account(person.Phone.UserId).Standing()).Member is null) await coop.Link(person.Phone, person.Member);
                else await coop.Unlink(person.Phone);
                break;
            case 4:
                coop.Line.Trouble.DropAfter(LineCall.Multicast, 3);
                break;
            case 5:
                coop.Line.Trouble.Fail(LineCall.Multicast, 3);
                break;
            case 6:
                coop.Line.Trouble.DropBefore(LineCall.Multicast);
                break;
            case 7:
                await Staff("pause");
                break;
            case 8:
                await Resume();
                break;
            case 9 when random.Next(5) == 0:
                await Staff("stop");
                break;
            default:
                Tell("both processes go on");
                await Task.WhenAll(Wake(coop.Host), Wake(rival));
                break;
        }
    }

    private async Task Staff(string what)
    {
        var (status, _) = await coop.Say(HttpMethod.Post, $"{id}/{what}");
        Tell($"{what}: {status}");
        Assert.True(status is HttpStatusCode.OK or HttpStatusCode.Conflict or HttpStatusCode.ServiceUnavailable, $"{what}: {status}");
        if (what != "resume" && status == HttpStatusCode.OK) handedOverWhenShut = await HandedOver();
    }

    private async Task Resume()
    {
        if (handedOverWhenShut is { } before && (await coop.LookAt(id)).Status is "paused" or "stopping" or "stopped") Assert.Equal(before, await HandedOver());
        await Staff("resume");
        if ((await coop.LookAt(id)).Status is not ("stopping" or "stopped")) handedOverWhenShut = null;
    }

    private async Task ToTheEnd()
    {
        await Eventually.Holds(
            async () =>
            {
                coop.Clock.Advance(TimeSpan.FromSeconds(2));
                await Task.WhenAll(Wake(coop.Host), Wake(rival));
                var now = await coop.LookAt(id);
                if (now.Status != "paused") return now.Status is "done" or "stopped" or "needsPerson";
                if (now.GetProperty("pausedFor").GetString() == "ceiling")
                {
                    heldForMoney++;
                    await Staff("stop");
                }
                else
                {
                    await Resume();
                }

                return false;
            },
            () => "an end");
    }

    private async Task Wake(Host host)
    {
        try
        {
            await host.Grains.Message(id).Finish();
        }
        catch (Exception e) when (e is Orleans.Storage.InconsistentStateException or DbException)
        {
            Tell(e.Message); // the next round tries again
        }
    }

    private void Tell(string what) => told.AppendLine(what);

    /// <summary>Persons whom LINE was told of, whatever it said.</summary>
    private async Task<long> HandedOver()
    {
        await using var connection = await coop.Database.OpenReader(default);
        await using var command = connection.Command(
            "SELECT coalesce(sum(persons), 0) FROM send_block WHERE campaign = @campaign AND first_sent_at IS NOT NULL AND state <> 'split'", ("@campaign", id));
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    private async Task<Row[]> Rows()
    {
        await using var connection = await coop.Host.Services.GetRequiredService<Database>().OpenReader(default);
        await using var command = connection.CreateCommand();
        command.CommandText = $"""
            SELECT person.account, CASE WHEN person.reason IS NOT NULL OR block.state = 'stopped' THEN 'skipped' ELSE block.state END
            FROM send_person AS person
            LEFT JOIN send_block AS block ON block.campaign = person.campaign AND block.number = person.block
            WHERE person.campaign = '{id}'
            """;
        await using var row = await command.ExecuteReaderAsync();
        var rows = new List<Row>();
        while (await row.ReadAsync()) rows.Add(new(row.GetString(0), row.GetString(1)));
        return [.. rows];
    }

    internal sealed record Row(string Account, string State);

    internal sealed record Person(SimulatedPhone Phone, RegisteredMember Member)
    {
        /// <summary>At any time.</summary>
        public bool Blocked { get; set; }
    }

    /// <summary>How often each dangerous moment was met: without them the test would prove nothing.</summary>
    internal sealed class Dangers
    {
        public int Conflict { get; set; }

        public int ServerError { get; set; }

        public int Dropped { get; set; }

        public int Isolated { get; set; }

        public int Changed { get; set; }

        public int Stopped { get; set; }

        public int HeldForMoney { get; set; }

        public int BetweenAnswerAndSettling { get; set; }

        public int AfterClosing { get; set; }

        public int AfterPlanning { get; set; }

        public bool All => new[]
        {
            Conflict, ServerError, Dropped, Isolated, Changed, Stopped, HeldForMoney, BetweenAnswerAndSettling, AfterClosing,
        }.All(met => met > 0);

        public void Add(Dangers more)
        {
            Conflict += more.Conflict;
            ServerError += more.ServerError;
            Dropped += more.Dropped;
            Isolated += more.Isolated;
            Changed += more.Changed;
            Stopped += more.Stopped;
            HeldForMoney += more.HeldForMoney;
        }

        public void Add(Shakes shakes)
        {
            BetweenAnswerAndSettling += shakes.Struck("settle", Fault.BeforeTheWrite);
            AfterClosing += shakes.Struck("close", Fault.AfterTheCommit);
            AfterPlanning += shakes.Struck("write", Fault.AfterTheCommit);
        }

        public override string ToString() =>
            $"409 {Conflict}, 500 {ServerError}, answers lost {Dropped}, refused {Isolated}, links changed {Changed}, stopped {Stopped}, held for money {HeldForMoney}, "
            + $"killed between 200 and write {BetweenAnswerAndSettling}, after closing {AfterClosing}, after planning {AfterPlanning}";
    }
}
