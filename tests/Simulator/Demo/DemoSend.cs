using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace CoopLine.Simulator.Demo;

/// <summary>
/// A message to 300 made-up friends, ordered as staff order it: one key writes and submits, another approves. What CoopLine says of it
/// stands beside what the phones have got.
/// </summary>
internal sealed class DemoSend(LineSimulator line) : IDisposable
{
    private const int Friends = 300;
    private const int LinkedFriends = 30;
    private const int AtOnce = 8;

    /// <summary>Made-up members of the registry: number, phone, birth date.</summary>
    private static readonly string[][] Members =
    [
        .. DemoData.RegistryCsv().Split('\n').Skip(1 + DemoData.Members.Count).Select(row => row.Split(','))
            .Where(row => row is [_, _, _, "active", ..]).Take(LinkedFriends),
    ];

    private readonly HttpClient http = new(new HttpClientHandler { AllowAutoRedirect = false });
    private int isAtWork;
    private string step = "";
    private string? fault;
    private string? message = line.Memory.Kept.LastOrDefault(kept => kept.Demo is not null)?.Demo;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/demo/send", Now);
        routes.MapPost("/demo/send", () => Begin() ? Results.Accepted() : Results.Conflict());
        routes.MapPost("/demo/kill", () =>
        {
            if (!line.MayBeKilled) return Results.NotFound();
            using var me = Process.GetCurrentProcess();
            me.Kill(); // no goodbye
            return Results.NoContent();
        });
    }

    public void Dispose() => http.Dispose();

    private bool Begin()
    {
        if (!line.DemoIsReady || Interlocked.Exchange(ref isAtWork, 1) == 1) return false;
        _ = Run();
        return true;
    }

    private async Task Run()
    {
        try
        {
            (fault, message) = (null, null);
            var friends = await MakeFriends();
            step = "linking";
            await Each(friends.Zip(Members), pair => Link(pair.First, pair.Second));
            step = "approving";
            var now = line.Clock.GetUtcNow().ToOffset(DemoSeed.Japan);
            var id = string.Create(CultureInfo.InvariantCulture, $"showroom-{now:yyyyMMdd-HHmmss}");
            await Order(id);
            line.Memory.Keep(new(Demo: id));
            message = id;
        }
        catch (Exception e)
        {
            fault = e.Message; // The page shows it.
        }
        finally
        {
            step = "";
            isAtWork = 0;
        }
    }

    private async Task<SimulatedPhone[]> MakeFriends()
    {
        step = "friends";
        var friends = Enumerable.Range(1, Friends)
            .Select(number => line.Phone($"Uf{number:x31}", $"友だち {number}", isOnPage: false)).ToArray();
        await Each(friends.Where(friend => !friend.IsFriend), friend => friend.Follow());
        return friends;
    }

    /// <summary>As the friend would: banner, page, form, LINE's dialog.</summary>
    private async Task Link(SimulatedPhone friend, string[] member)
    {
        var known = await Staff(HttpMethod.Get, $"members/{member[0]}");
        if (known.TryGetProperty("link", out var link) && link.ValueKind == JsonValueKind.Object) return;

        await friend.TapBanner("link");
        await friend.WaitForMessage(_ => friend.LastLinkUri is not null, "the message with the link page");
        using var opened = await http.PostAsync($"{friend.LastLinkUri}/opened", null);
        using var form = new FormUrlEncodedContent(
            [new("memberNumber", member[0]), new("phone", member[1]), new("birthDate", member[2].Replace("-", "", StringComparison.Ordinal))]);
        using var sent = await http.PostAsync(friend.LastLinkUri, form);
        if (sent.Headers.Location is { IsAbsoluteUri: true } dialog) await line.OpenAccountLinkDialog(dialog, friend.UserId);
    }

    /// <summary>Of the kind that also goes at night, whenever the page is looked at.</summary>
    private async Task Order(string id)
    {
        var words = $"【大切なお知らせ】お試しの一斉配信です。({id})";
        await Staff(HttpMethod.Put, $"messages/{id}", new
        {
            title = "お試しの一斉配信",
            topic = "notice",
            kind = "safety",
            variants = new
            {
                linked = new { text = words + "\n組合員番号を連携された方へ。" },
                unlinked = new { text = words },
            },
            spreadMinutes = 1,
            ceilingYen = 0,
        });
        var hash = (await Staff(HttpMethod.Post, $"messages/{id}/submit")).GetProperty("hash").GetString();
        await Staff(HttpMethod.Post, $"messages/{id}/approve", new { hash }, line.Options.ApproverKey);
    }

    private async Task<IResult> Now()
    {
        var id = message;
        JsonElement? told = null;
        if (id is not null)
        {
            try
            {
                told = await Staff(HttpMethod.Get, $"messages/{id}");
            }
            catch (HttpRequestException)
            {
                // CoopLine does not answer now; what the phones have got can be told all the same.
            }
        }

        // After CoopLine's numbers: LINE is never behind them.
        var counts = line.AllPhones
            .Select(phone => id is null ? 0 : phone.Messages.Count(one => one.Way == MessageWay.Multicast && one.Text.Contains(id, StringComparison.Ordinal)))
            .ToArray();
        return Results.Json(new
        {
            ready = line.DemoIsReady,
            step,
            fault,
            friends = line.AllPhones.Count(phone => !phone.IsOnPage && phone.IsFriend),
            wanted = Friends,
            message = told,
            received = counts.Count(count => count > 0),
            twice = counts.Count(count => count > 1),
            trouble = line.DemoTrouble.On,
            mayBeKilled = line.MayBeKilled,
        });
    }

    /// <exception cref="HttpRequestException">CoopLine refused it; its answer is in the message.</exception>
    private async Task<JsonElement> Staff(HttpMethod method, string path, object? body = null, string? key = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(line.CoopLineUrl!, "/staff/v1/" + path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key ?? line.Options.StaffKey);
        if (body is not null) request.Content = JsonContent.Create(body);
        using var answer = await http.SendAsync(request);
        if (answer.StatusCode == HttpStatusCode.OK) return await answer.Content.ReadFromJsonAsync<JsonElement>();
        throw new HttpRequestException($"{method} {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    private static Task Each<T>(IEnumerable<T> all, Func<T, Task> act) =>
        Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (one, _) => await act(one));
}
