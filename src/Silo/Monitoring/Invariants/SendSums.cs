using System.Globalization;
using CoopLine.Silo.Storage;

namespace CoopLine.Silo.Monitoring.Invariants;

/// <summary>Adds up what became of the persons of a message to many that is over.</summary>
internal sealed class SendSums(Database database)
{
    /// <returns>Null when everybody who was planned has one end.</returns>
    public async Task<Violation?> Check(string message, CancellationToken cancellation)
    {
        await using var connection = await database.OpenReader(cancellation);
        await using var command = connection.Command(
            """
            SELECT plan.persons,
                (SELECT count(*) FROM send_person WHERE campaign = @message AND block IS NOT NULL),
                (SELECT coalesce(sum(persons), 0) FROM send_block WHERE campaign = @message AND state IN ('accepted', 'refused', 'parked', 'stopped'))
                    + (SELECT count(*) FROM send_person WHERE campaign = @message AND reason IS NOT NULL AND block IS NOT NULL)
            FROM send_plan AS plan
            WHERE plan.campaign = @message
            """,
            ("@message", message));
        command.CommandTimeout = Database.PatienceSeconds;
        await using var row = await command.ExecuteReaderAsync(cancellation);
        if (!await row.ReadAsync(cancellation)) return null; // stopped before anything was planned
        var (planned, rows, ended) = (row.GetInt64(0), row.GetInt64(1), Convert.ToInt64(row.GetValue(2), CultureInfo.InvariantCulture));
        return planned == rows && planned == ended
            ? null
            : new(Invariant.MessagesAddUp, $"message {message}: {planned} planned, {rows} in the plan, {ended} with an end", "");
    }
}
