using System.Net;
using System.Net.Http.Json;
using System.Text;

namespace CoopLine.Simulator.Demo;

/// <summary>Files the demo's members and campaigns through CoopLine's staff API.</summary>
public static class DemoSeed
{
    internal static readonly TimeSpan Japan = TimeSpan.FromHours(9);

    /// <summary>May run at every start: what is there already stays as it is.</summary>
    /// <param name="staff">Base address and staff key set.</param>
    /// <exception cref="InvalidOperationException">CoopLine refused the data; its answer is in the message.</exception>
    public static async Task Run(HttpClient staff, TimeProvider clock, CancellationToken cancellation = default)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().ToOffset(Japan).DateTime);
        await ImportMembers(staff, cancellation);
        foreach (var id in DemoData.FormerCampaigns(today))
            await Expect(await staff.PostAsync($"/staff/v1/campaigns/{id}/stop", null, cancellation),
                HttpStatusCode.NotFound, HttpStatusCode.Conflict);
        foreach (var (id, _, body) in DemoData.Campaigns(today))
        {
            // 409: it has been used or published since an earlier start, and so is frozen.
            await Expect(await staff.PutAsJsonAsync($"/staff/v1/campaigns/{id}", body, cancellation),
                HttpStatusCode.Conflict);
            await Expect(await staff.PostAsync($"/staff/v1/campaigns/{id}/publish", null, cancellation),
                HttpStatusCode.Conflict);
        }
    }

    private static async Task ImportMembers(HttpClient staff, CancellationToken cancellation)
    {
        using (var known = await staff.GetAsync($"/staff/v1/members/{DemoData.Members[0].Number}", cancellation))
        {
            if (known.IsSuccessStatusCode) return;
        }
        // A first run that was killed while it did this leaves an import that counts as running for a while.
        using var pause = new PeriodicTimer(TimeSpan.FromSeconds(2));
        HttpResponseMessage answer;
        do
        {
            using var csv = new StringContent(DemoData.RegistryCsv(), Encoding.UTF8, "text/csv");
            // A delta: a full import would complain about members that somebody added by hand.
            answer = await staff.PostAsync("/staff/v1/registry/imports?mode=delta", csv, cancellation);
        }
        while (answer.StatusCode == HttpStatusCode.Conflict && await pause.WaitForNextTickAsync(cancellation));
        await Expect(answer);
    }

    private static async Task Expect(HttpResponseMessage answer, params HttpStatusCode[] alsoFine)
    {
        using (answer)
        {
            if (answer.IsSuccessStatusCode || alsoFine.Contains(answer.StatusCode)) return;
            var request = answer.RequestMessage;
            throw new InvalidOperationException(
                $"The demo data could not be filed: {request?.Method} {request?.RequestUri?.AbsolutePath} was answered "
                + $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }
    }
}
