using System.Globalization;
using CoopLine.Grains.Line;
using CoopLine.Grains.Messages;

namespace CoopLine.Silo.Storage.Sending;

internal sealed class SendMonth(Database database) : ISendMonth
{
    /// <summary>SQL: whether LINE has or may have what is in <c>block</c>.</summary>
    private const string IsHandedOver = "block.first_sent_at IS NOT NULL AND block.state IN ('inFlight', 'accepted', 'parked')";

    public async Task<FirstAnswer> First(FirstAnswer said, CancellationToken cancellation)
    {
        var month = LineDay.StartOfMonth(said.At).ToString("yyyy-MM", CultureInfo.InvariantCulture);
        await using var connection = await database.OpenWriter(cancellation);
        await using var insert = connection.Command(
            "INSERT INTO send_month (month, asked_at, used) VALUES (@month, @at, @used) ON CONFLICT DO NOTHING",
            ("@month", month), ("@at", said.At.ToUnixTimeMilliseconds()), ("@used", said.Used));
        await insert.ExecuteNonQueryAsync(cancellation);
        await using var command = connection.Command("SELECT asked_at, used FROM send_month WHERE month = @month", ("@month", month));
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        return new(DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(0)), row.GetInt64(1));
    }

    public async Task<HandedOver> HandedOver(
        DateTimeOffset month, DateTimeOffset first, string? campaign, CancellationToken cancellation)
    {
        await using var connection = await database.OpenReader(cancellation);
        await using var command = connection.Command(
            $"""
            WITH mine AS (SELECT opened_at, campaign FROM send_plan WHERE campaign = @campaign AND open = 1)
            SELECT
                (SELECT coalesce(sum(block.persons), 0) FROM send_block AS block WHERE block.first_sent_at >= @month AND {IsHandedOver}),
                (SELECT coalesce(sum(block.persons), 0) FROM send_block AS block WHERE block.first_sent_at >= @first AND {IsHandedOver}),
                (SELECT coalesce(sum(block.persons), 0)
                 FROM send_plan AS other
                 JOIN send_block AS block ON block.campaign = other.campaign AND block.state = 'open' AND block.state IN ('open', 'inFlight')
                 WHERE other.open = 1 AND other.campaign <> @campaign
                     AND NOT EXISTS (SELECT 1 FROM mine WHERE (mine.opened_at, mine.campaign) < (other.opened_at, other.campaign))),
                (SELECT coalesce(sum(block.persons), 0)
                 FROM mine
                 JOIN send_plan AS other ON (mine.opened_at, mine.campaign) < (other.opened_at, other.campaign)
                 JOIN send_block AS block ON block.campaign = other.campaign AND block.first_sent_at >= other.opened_at
                 WHERE block.first_sent_at >= @month AND {IsHandedOver})
            """,
            ("@campaign", campaign ?? ""), ("@month", month.ToUnixTimeMilliseconds()), ("@first", first.ToUnixTimeMilliseconds()));
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        return new(Number(0), Number(1), Number(2), Number(3));

        long Number(int column) => Convert.ToInt64(row.GetValue(column), CultureInfo.InvariantCulture);
    }
}
