using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using CoopLine.Grains.Messages;
using CoopLine.Grains.Storage;

namespace CoopLine.Silo.Storage.Sending;

/// <summary>
/// What of messages to many waits, and for how long. It reads the messages that are not over and their blocks that are not: how many
/// persons there are, and how many messages there were, does not matter.
/// </summary>
internal sealed class SendBacklog(Database database, Spreads spreads, QuietHours quiet)
{
    private static readonly TimeSpan ParkedFor = TimeSpan.FromDays(1);

    /// <summary>A block is parked 23 hours after its first call, or as soon as a service that was down for days is back.</summary>
    private static readonly TimeSpan ParkedSentWithin = TimeSpan.FromDays(14);

    public async Task<SendsWaiting> Count(DateTimeOffset now, CancellationToken cancellation)
    {
        await using var connection = await database.OpenReader(cancellation);
        var messages = await Messages(connection, cancellation);
        var blocks = await Blocks(connection, cancellation);
        return new(
            blocks.Sum(plan => plan.Open),
            blocks.Sum(plan => plan.InFlight),
            messages.Select(message => Age(message, blocks.FirstOrDefault(plan => plan.Message == message.Id), now)).Append(TimeSpan.Zero).Max(),
            messages.Where(message => message.State.PausedFor is not null).CountBy(message => message.State.PausedFor!.Value)
                .ToImmutableDictionary(),
            await Parked(connection, now, cancellation));
    }

    /// <summary>Since when something of it is due; zero if nothing is: not while it waits for its time, for the morning, or for staff.</summary>
    private TimeSpan Age((string Id, MessageState State, DateTimeOffset Written) message, Unsettled? blocks, DateTimeOffset now)
    {
        var state = message.State;
        var definition = state.Definition!;
        DateTimeOffset? due = state.Status switch
        {
            MessageStatus.Approved or MessageStatus.Scheduled => state.Due(),
            MessageStatus.Planning => message.Written,
            MessageStatus.Sending when blocks?.FirstOpen is { } first =>
                spreads.Due(definition, state.SendingSince!.Value, first, blocks.Persons, blocks.Planned),
            _ => null,
        };
        if (blocks?.FirstSentAt is { } sent && !(due < sent)) due = sent;
        if (due is not { } since) return TimeSpan.Zero;
        if (definition.Kind == MessageKind.Normal)
        {
            if (quiet.Are(now)) return TimeSpan.Zero;
            since = quiet.Over(since);
        }

        return now > since ? now - since : TimeSpan.Zero;
    }

    private static async Task<List<(string Id, MessageState State, DateTimeOffset Written)>> Messages(
        DbConnection connection, CancellationToken cancellation)
    {
        await using var command = connection.Command(
            $"""
            SELECT GrainIdExtensionString, PayloadBinary, ModifiedOn
            FROM OrleansStorage
            WHERE Pending = 1 AND GrainTypeString = '{StateNames.Message}'
            """);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var messages = new List<(string, MessageState, DateTimeOffset)>();
        while (await row.ReadAsync(cancellation))
        {
            messages.Add((
                row.GetString(0)["n-".Length..],
                JsonSerializer.Deserialize<MessageState>(row.GetFieldValue<byte[]>(1), StateJson.Options)!,
                row.GetDateTime(2).ToUniversalTime()));
        }

        return messages;
    }

    private static async Task<List<Unsettled>> Blocks(DbConnection connection, CancellationToken cancellation)
    {
        // The words of the index, so that it is found.
        await using var command = connection.Command(
            """
            SELECT plan.campaign, plan.persons, plan.blocks,
                sum(CASE WHEN block.state = 'open' THEN 1 ELSE 0 END), sum(CASE WHEN block.state = 'inFlight' THEN 1 ELSE 0 END),
                min(CASE WHEN block.state = 'open' THEN block.number END), min(block.first_sent_at)
            FROM send_block AS block
            JOIN send_plan AS plan ON plan.campaign = block.campaign
            WHERE block.state IN ('open', 'inFlight')
            GROUP BY plan.campaign, plan.persons, plan.blocks
            """);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var plans = new List<Unsettled>();
        while (await row.ReadAsync(cancellation))
        {
            plans.Add(new(
                row.GetString(0), row.GetInt64(1), row.GetInt32(2), row.GetInt64(3), row.GetInt64(4),
                row.IsDBNull(5) ? null : row.GetInt32(5),
                row.IsDBNull(6) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(6))));
        }

        return plans;
    }

    private static async Task<long> Parked(DbConnection connection, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = connection.Command(
            "SELECT coalesce(sum(persons), 0) FROM send_block WHERE first_sent_at >= @sent AND state = 'parked' AND ended_at >= @parked",
            ("@sent", (now - ParkedSentWithin).ToUnixTimeMilliseconds()), ("@parked", (now - ParkedFor).ToUnixTimeMilliseconds()));
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellation), CultureInfo.InvariantCulture);
    }

    /// <summary>Of one plan.</summary>
    /// <param name="Persons">Of the whole plan, as <paramref name="Planned"/>, its blocks.</param>
    private sealed record Unsettled(
        string Message, long Persons, int Planned, long Open, long InFlight, int? FirstOpen, DateTimeOffset? FirstSentAt);
}

/// <param name="Open">Blocks.</param>
/// <param name="InFlight">Blocks.</param>
/// <param name="Age">Of the block, or the message, that has been due for the longest time.</param>
/// <param name="Paused">Messages.</param>
/// <param name="Parked">Persons, since a day ago.</param>
internal sealed record SendsWaiting(long Open, long InFlight, TimeSpan Age, ImmutableDictionary<PauseReason, int> Paused, long Parked);
