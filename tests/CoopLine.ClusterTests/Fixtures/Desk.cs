using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.ClusterTests.Fixtures;

/// <summary>Staff, members and tills of a cluster that nothing happens to: each call is sent once and has to go well.</summary>
internal sealed class Desk(RunningCluster cluster) : IDisposable
{
    /// <summary>For so long a silo may not have heard of a new campaign.</summary>
    public static readonly TimeSpan Heard = TimeSpan.FromSeconds(1.1);

    private readonly HttpClient browser = new(new HttpClientHandler { AllowAutoRedirect = false });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => browser.Dispose();

    /// <summary>Calls one of the processes.</summary>
    public HttpClient Client(string bearer, int at = 0) => new()
    {
        BaseAddress = cluster.Silos[at].Address,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", bearer) },
    };

    public async Task Register(RegisteredMember member)
    {
        using var staff = Client(RunningCluster.StaffKey);
        using var csv = new StringContent(Some.Csv(member), Encoding.UTF8, "text/csv");
        using var imported = await staff.PostAsync("/staff/v1/registry/imports?mode=delta&force=true", csv, Cancellation);
        imported.EnsureSuccessStatusCode();
    }

    /// <summary>Tofu, 30 yen off.</summary>
    public async Task<string[]> Publish(int campaigns)
    {
        using var staff = Client(RunningCluster.StaffKey);
        var ids = new string[campaigns];
        for (var i = 0; i < campaigns; i++)
        {
            ids[i] = "tofu-" + RandomNumberGenerator.GetHexString(8, lowercase: true);
            using var put = await staff.PutAsJsonAsync(
                $"/staff/v1/campaigns/{ids[i]}",
                Some.Campaign(
                    startsAt: "2020-01-01T00:00:00+09:00", endsAt: "2099-01-01T00:00:00+09:00", limits: new { totalUses = 1_000_000 }),
                Cancellation);
            put.EnsureSuccessStatusCode();
            using var published = await staff.PostAsync($"/staff/v1/campaigns/{ids[i]}/publish", null, Cancellation);
            published.EnsureSuccessStatusCode();
        }

        await Task.Delay(Heard, Cancellation);
        return ids;
    }

    /// <summary>The link page, which a new friend is sent first.</summary>
    /// <returns>LINE's dialog; null when the answers do not fit.</returns>
    public async Task<Uri?> FillInForm(SimulatedPhone phone, RegisteredMember member)
    {
        if (!phone.IsFriend)
        {
            await phone.Follow();
            await phone.TapBanner("link");
            await phone.WaitForMessage(_ => phone.LastLinkUri is not null, "the message with the link page");
        }

        using var opened = await browser.PostAsync($"{phone.LastLinkUri}/opened", null, Cancellation);
        using var form = new FormUrlEncodedContent(
            [new("memberNumber", member.Number), new("phone", member.Phone), new("birthDate", member.BirthDate)]);
        using var sent = await browser.PostAsync(phone.LastLinkUri, form, Cancellation);
        return sent.Headers.Location is { IsAbsoluteUri: true } dialog ? dialog : null;
    }

    /// <summary>LINE's dialog, until the phone shows that it is linked.</summary>
    public async Task Confirm(SimulatedPhone phone, Uri dialog)
    {
        await cluster.Line.OpenAccountLinkDialog(dialog, phone.UserId);
        await phone.WaitForRichMenu("coopline-linked");
        await phone.WaitForMessage("完了しました");
    }

    public async Task<string> ShowCode(SimulatedPhone phone, string campaign)
    {
        using var coupons = Client(phone.IdToken());
        using var shown = await coupons.PostAsJsonAsync("/coupons/codes", new { campaigns = new[] { campaign } }, Cancellation);
        return (await shown.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("code").GetString()!;
    }
}
