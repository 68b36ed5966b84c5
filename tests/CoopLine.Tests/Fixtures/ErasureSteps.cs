using System.Globalization;
using System.Text;
using CoopLine.Grains;
using CoopLine.Grains.Members;
using CoopLine.Grains.Storage;
using CoopLine.Silo.Storage;

namespace CoopLine.Tests.Fixtures;

/// <summary>Steps of erasing a person, and what is left in the database.</summary>
internal static class ErasureSteps
{
    extension(RunningSystem coop)
    {
        /// <summary>As the co-op's delta file says it.</summary>
        public Task Withdraw(RegisteredMember member) => coop.Register(member with { Status = "withdrawn" });

        public async Task<HttpResponseMessage> Erase(
            string number, Host? host = null, string reason = "本人の申し出", string identityCheck = "来店、身分証")
        {
            using var staff = coop.Staff(host);
            return await staff.PostAsJsonAsync($"/staff/v1/members/{number}/erase", new { reason, identityCheck });
        }

        /// <summary>Withdrawn, erased, and all of it done.</summary>
        public async Task WithdrawAndErase(RegisteredMember member)
        {
            await coop.Withdraw(member);
            using (var erased = await coop.Erase(member.Number))
                Assert.True(erased.IsSuccessStatusCode, await erased.Content.ReadAsStringAsync());
            await coop.UntilErased(member.Number);
        }

        /// <summary>Lets time pass until the erasure is done, round by round of the sweeper, and nothing else is pending.</summary>
        public async Task UntilErased(string number)
        {
            await Eventually.Holds(
                async () => await coop.Erasing(number) is null or { Accounts: [] } || await coop.Round(),
                "The accounts have not forgotten the number.");
            coop.Clock.Advance(Grains.Members.Erasing.Wait);
            await Eventually.Holds(
                async () => await coop.NothingIsPending() || await coop.Round(), "The erasure is not done.");
        }

        public async Task<Erasing?> Erasing(string number) =>
            (await coop.Host.Services.GetRequiredService<IStateReader>().Member(number)).State?.Erasing;

        public Database Database => coop.Host.Services.GetRequiredService<Database>();

        /// <summary>Every value of every table, a line a row.</summary>
        public async Task<string> EverythingStored()
        {
            await using var connection = await coop.Database.OpenReader(default);
            var text = new StringBuilder();
            foreach (var table in await Tables(connection))
            {
                await using var command = connection.Command($"SELECT * FROM {table}");
                await using var row = await command.ExecuteReaderAsync();
                while (await row.ReadAsync())
                {
                    text.Append(table);
                    for (var i = 0; i < row.FieldCount; i++)
                        text.Append(CultureInfo.InvariantCulture, $" | {(row.GetValue(i) is byte[] bytes ? Encoding.UTF8.GetString(bytes) : row.GetValue(i))}");
                    text.AppendLine();
                }
            }

            return text.ToString();
        }

        private async Task<bool> NothingIsPending()
        {
            await using var connection = await coop.Database.OpenReader(default);
            await using var command = connection.Command("SELECT count(*) FROM OrleansStorage WHERE Pending = 1");
            return (long)(await command.ExecuteScalarAsync())! == 0;
        }

        /// <summary>False.</summary>
        private async Task<bool> Round()
        {
            coop.Clock.Advance(TimeSpan.FromSeconds(6));
            await coop.Grains.Sweeper.Sweep();
            return false;
        }
    }

    /// <summary>No line of the dump holds the text.</summary>
    public static void AssertNowhere(string dump, params IEnumerable<string> texts) => Assert.All(texts, text =>
        Assert.True(!dump.Contains(text, StringComparison.Ordinal), $"{text} is in:\n{string.Join('\n', dump.Split('\n').Where(line => line.Contains(text, StringComparison.Ordinal)).Take(20))}"));

    private static async Task<List<string>> Tables(System.Data.Common.DbConnection connection)
    {
        await using var command = connection.Command(TestDatabase.IsPostgreSql
            ? "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'"
            : "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
        await using var row = await command.ExecuteReaderAsync();
        var tables = new List<string>();
        while (await row.ReadAsync()) tables.Add(row.GetString(0));
        return tables;
    }
}
