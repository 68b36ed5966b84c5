using System.Net;
using System.Text.Json;
using CoopLine.Grains;
using CoopLine.Simulator;

namespace CoopLine.Tests.Fixtures;

/// <summary>What staff do with a message to many.</summary>
internal static class MessageSteps
{
    /// <summary>Text for both, to every friend, as soon as approved, for nothing.</summary>
    public static readonly object ForAll = Define();

    extension(RunningSystem coop)
    {
        public HttpClient Approver
        {
            get
            {
                var client = coop.Staff();
                client.DefaultRequestHeaders.Authorization = new("Bearer", RunningSystem.ApproverKey);
                return client;
            }
        }

        public async Task<(HttpStatusCode Status, JsonElement Body)> Say(HttpMethod method, string path, object? body = null, HttpClient? by = null)
        {
            using var request = new HttpRequestMessage(method, "/staff/v1/messages/" + path);
            if (body is not null) request.Content = JsonContent.Create(body);
            using var response = await (by ?? coop.Staff()).SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            return (response.StatusCode, text is ['{', ..] ? JsonElement.Parse(text) : default);
        }

        public async Task<JsonElement> Did(HttpMethod method, string path, object? body = null, HttpClient? by = null)
        {
            var (status, answer) = await coop.Say(method, path, body, by);
            Assert.True(status == HttpStatusCode.OK, $"{method} {path}: {status} {answer}");
            return answer;
        }

        /// <summary>Written, submitted and approved by two people.</summary>
        public async Task<string> Send(object? definition = null, string? id = null)
        {
            id ??= Some.CampaignId();
            await coop.Did(HttpMethod.Put, id, definition ?? ForAll);
            var hash = (await coop.Did(HttpMethod.Post, id + "/submit")).GetProperty("hash").GetString();
            await coop.Did(HttpMethod.Post, id + "/approve", new { hash }, coop.Approver);
            return id;
        }

        /// <summary>It is that time now.</summary>
        public Task At(string time)
        {
            coop.Clock.SetUtcNow(DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture));
            return Task.CompletedTask;
        }

        public async Task<SimulatedPhone> LinkedPhone(string businesses = "store") => (await coop.LinkedFriend(businesses)).Phone;

        public async Task Unlink(SimulatedPhone phone)
        {
            await phone.Unlink();
            await Eventually.Holds(async () => (await coop.Grains.Account(phone.UserId).Standing()).Member is null, "no link");
        }

        public Task<JsonElement> LookAt(string id) => coop.Did(HttpMethod.Get, id);

        public async Task<JsonElement> WaitUntil(string id, string status, bool wake = true)
        {
            JsonElement now = default;
            await Eventually.Holds(
                async () =>
                {
                    if (wake) await coop.Wake(id);
                    now = await coop.LookAt(id);
                    return now.Status == status;
                },
                () => $"status {status}, but it is {now}");
            return now;
        }

        private async Task Wake(string id)
        {
            try
            {
                await coop.Grains.Message(id).Finish();
            }
            catch (Orleans.Storage.InconsistentStateException)
            {
                return; // a rival process was first; the next round finds what it has written
            }
        }
    }

    extension(JsonElement message)
    {
        public string Status => message.GetProperty("status").GetString()!;

        public long Number(string name) => message.GetProperty(name).GetInt64();

        /// <summary>Reason and persons, in order.</summary>
        public string Reasons(string name) =>
            string.Join(' ', message.GetProperty(name).EnumerateObject().Select(one => $"{one.Name}:{one.Value}"));

        public void AssertAddsUp() => Assert.Equal(
            message.Number("planned"),
            message.Number("accepted") + message.Number("refused") + message.Number("parked") + message.Number("waiting")
                + message.GetProperty("skipped").EnumerateObject().Sum(one => one.Value.GetInt64()));
    }

    /// <summary>Before the start.</summary>
    public static RunningSystem WithApprover(this RunningSystem coop)
    {
        coop.Also["CoopLine:Staff:ApiKeys:approver"] = RunningSystem.ApproverKey;
        return coop;
    }

    public static object Define(
        object? audience = null, bool linked = true, bool unlinked = true, string? sendAt = null, int? spreadMinutes = null, int ceilingYen = 0,
        string topic = "store", string kind = "normal", object? forLinked = null) => new
        {
            title = "お知らせ",
            topic,
            kind,
            audience,
            variants = new
            {
                linked = linked ? forLinked ?? new { text = "組合員の皆さまへ", button = new { label = "見る", uri = "https://coop.example/a" } } : null,
                unlinked = unlinked ? new { text = "皆さまへ" } : null,
            },
            sendAt,
            spreadMinutes,
            ceilingYen,
        };

    /// <summary>What of messages to many this phone has got, in order.</summary>
    public static string[] Got(this SimulatedPhone phone) =>
        [.. phone.Messages.Where(message => message.Way == MessageWay.Multicast).Select(message => message.Text!)];
}
