using System.Diagnostics;
using System.Text.Json;
using Npgsql;

namespace CoopLine.Peer;

/// <param name="PlanSeconds">Until there was a row for each person.</param>
/// <param name="SendSeconds">From then until the last block was written down as sent.</param>
internal sealed record Sent(long Persons, double PlanSeconds, double SendSeconds);

/// <summary>
/// A message to many, written by hand: a row a person, blocks of 500 that are read, sent and marked as sent. A block is gone when a
/// process dies between the call and the mark, and comes a second time; who blocks meanwhile is not noticed.
/// </summary>
/// <param name="line">With LINE's address.</param>
internal sealed class Sending(NpgsqlDataSource database, HttpClient line)
{
    private const int BlockPersons = 500;
    private const int AtOnce = 16;

    private static readonly object[] Messages = [new { type = "text", text = "組合員の皆さまへ。今週のおすすめです。" }];

    public async Task<Sent> Send(string message)
    {
        var start = Stopwatch.GetTimestamp();
        await using var plan = database.CreateCommand(
            """
            INSERT INTO delivery (message, seq, account)
            SELECT $1, row_number() OVER (), account FROM friend WHERE NOT blocked
            """);
        plan.CommandTimeout = 0;
        plan.Parameters.Add(new NpgsqlParameter<string> { TypedValue = message });
        var persons = await plan.ExecuteNonQueryAsync();
        var planned = Stopwatch.GetTimestamp();
        await Parallel.ForAsync(
            0, (persons + BlockPersons - 1) / BlockPersons, new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (block, _) => await Send(message, (block * BlockPersons) + 1L, (block + 1L) * BlockPersons));
        return new(persons, Stopwatch.GetElapsedTime(start, planned).TotalSeconds, Stopwatch.GetElapsedTime(planned).TotalSeconds);
    }

    private async Task Send(string message, long first, long last)
    {
        var accounts = new List<string>(BlockPersons);
        await using (var read = Block("SELECT account FROM delivery WHERE message = $1 AND seq BETWEEN $2 AND $3"))
        {
            await using var row = await read.ExecuteReaderAsync();
            while (await row.ReadAsync()) accounts.Add(row.GetString(0));
        }

        using var body = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new { to = accounts, messages = Messages }))
        {
            Headers = { ContentType = new("application/json") },
        };
        using var answer = await line.PostAsync("/v2/bot/message/multicast", body);
        answer.EnsureSuccessStatusCode();
        await using var mark = Block("UPDATE delivery SET sent_at = now() WHERE message = $1 AND seq BETWEEN $2 AND $3");
        await mark.ExecuteNonQueryAsync();

        NpgsqlCommand Block(string sql)
        {
            var command = database.CreateCommand(sql);
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = message });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = first });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = last });
            return command;
        }
    }
}
