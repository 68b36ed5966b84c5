using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using CoopLine.Tests.Fixtures;
using Npgsql;
using Orleans.Configuration;
using Host = CoopLine.Tests.Fixtures.Host;

namespace CoopLine.Tests.Hosting;

/// <summary>As docs/operations.md and docs/operations-postgresql.md say: while tills go on, and put back on another machine.</summary>
public sealed class Backup_and_restore : IAsyncLifetime
{
    private readonly RunningSystem coop = new();
    private readonly string folder = Directory.CreateTempSubdirectory("coopline-backup-").FullName;
    private string? restored;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => coop.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await coop.DisposeAsync();
        if (restored is not null) Postgres.Running.Drop(restored);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task What_was_before_the_backup_is_there_again_and_what_was_after_is_not()
    {
        var (phone, _) = await coop.LinkedFriend();
        var (tofu, milk) = (await coop.Publish(), await coop.Publish());
        var before = coop.Sale(await coop.ShowCode(phone, tofu));
        var answer = await coop.Redeem(before);

        var settings = Backup();
        var after = coop.Sale(await coop.ShowCode(phone, milk));
        await coop.Redeem(after);
        await coop.Host.DisposeAsync();

        await using var host = await Host.Start(settings, coop.Clock, services => services.PostConfigure<ClusterMembershipOptions>(Soon));
        coop.Line.CoopLineUrl = host.Address;
        using var till = new HttpClient { BaseAddress = host.Address };
        till.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", RunningSystem.TillKey("0123"));
        var again = await coop.Redeem(before, at: till);
        Assert.True(again.GetProperty("replayed").GetBoolean());
        Assert.Equal(answer.GetProperty("discounts").GetRawText(), again.GetProperty("discounts").GetRawText());
        using var unknown = await till.GetAsync($"/pos/v1/receipts/{after.Key}", Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);

        // The link is there, and the other coupon is free.
        using var member = coop.Member(phone, host);
        using var shown = await member.PostAsJsonAsync("/coupons/codes", new { campaigns = new[] { milk } }, Cancellation);
        var code = (await shown.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("code").GetString()!;
        Assert.Equal("redeemed", (await coop.Redeem(coop.Sale(code), at: till)).GetProperty("outcome").GetString());
    }

    // The restored table says that the old process lives; the new one is not to look for it as long as other tests' would.
    private static void Soon(ClusterMembershipOptions membership) =>
        (membership.ProbeTimeout, membership.MinProbeTimeout, membership.MaxProbeTimeout, membership.IAmAliveTablePublishTimeout) =
            (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

    /// <returns>The settings of a process on the restored data.</returns>
    private Dictionary<string, string?> Backup()
    {
        var settings = new Dictionary<string, string?>(coop.Settings("coopline"));
        if (!TestDatabase.IsPostgreSql)
        {
            var data = settings["CoopLine:DataDirectory"]!;
            Run("sqlite3", Path.Combine(data, "coopline.db"), $".backup {folder}/coopline.db");
            Directory.CreateDirectory(Path.Combine(folder, "keys"));
            foreach (var key in Directory.EnumerateFiles(Path.Combine(data, "keys"))) File.Copy(key, Path.Combine(folder, "keys", Path.GetFileName(key)));
            settings["CoopLine:DataDirectory"] = folder;
            return settings;
        }

        var running = new NpgsqlConnectionStringBuilder(settings["ConnectionStrings:CoopLine"]);
        string[] server = ["-h", running.Host!, "-p", $"{running.Port}", "-U", "postgres"];
        var dump = Path.Combine(folder, "coopline.dump");
        Run(Path.Combine(PostgresBinaries.Newest!, "pg_dump"), [.. server, "-Fc", "-f", dump, running.Database!]);
        restored = Postgres.Running.Create(empty: true);
        running.Database = new NpgsqlConnectionStringBuilder(restored).Database;
        Run(Path.Combine(PostgresBinaries.Newest!, "pg_restore"), [.. server, "--exit-on-error", "-d", running.Database!, dump]);
        settings["ConnectionStrings:CoopLine"] = running.ToString();
        return settings;
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })
            ?? throw new InvalidOperationException($"{program} did not start.");
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {said}");
    }
}
