using System.Collections.Frozen;
using CoopLine.Grains.Registry;
using CoopLine.Silo.Storage;

namespace CoopLine.Silo.Registry;

/// <summary>Numbers of people who were erased, as keyed hashes. Files go on to have them for years, as withdrawn.</summary>
internal sealed class ErasedNumbers
{
    private readonly Database database;
    private readonly RegistryHashes keys;
    private readonly FrozenSet<string> hashes;

    private ErasedNumbers(Database database, RegistryHashes keys, IEnumerable<string> hashes) =>
        (this.database, this.keys, this.hashes) = (database, keys, hashes.ToFrozenSet(StringComparer.Ordinal));

    public static async Task<ErasedNumbers> Load(Database database, RegistryHashes keys, CancellationToken cancellation)
    {
        var hashes = new List<string>();
        await using var connection = await database.OpenReader(cancellation);
        await using var command = connection.Command("SELECT number_hash FROM erased_member");
        command.CommandTimeout = Database.PatienceSeconds;
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation)) hashes.Add(row.GetString(0));
        return new(database, keys, hashes);
    }

    /// <summary>
    /// Leaves out the lines that say of an erased number that its person has left: that is known, and would bring back what was
    /// erased. Whoever has the number since, and is in the registry with it, counts.
    /// </summary>
    public async Task<List<RegistryRecord>> LeaveOut(List<RegistryRecord> lines, CancellationToken cancellation)
    {
        if (hashes.Count == 0) return lines;
        var left = lines.FindAll(IsErasedAndHasLeft);
        if (left.Count == 0) return lines;

        await using var connection = await database.OpenReader(cancellation);
        await using var command = connection.Command(
            $"SELECT member_number FROM registry_row WHERE {database.IsAmong("member_number", "@numbers")}",
            ("@numbers", database.List(left.Select(line => line.Row!.MemberNumber))));
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var since = new HashSet<string>(StringComparer.Ordinal);
        while (await row.ReadAsync(cancellation)) since.Add(row.GetString(0));
        var known = left.Where(line => !since.Contains(line.Row!.MemberNumber)).Select(line => line.Number).ToHashSet();
        return lines.FindAll(line => !known.Contains(line.Number));
    }

    private bool IsErasedAndHasLeft(RegistryRecord line) =>
        line.Row is { HasLeft: true } row && keys.All.Any(key => hashes.Contains(key.MemberNumber(row.MemberNumber)));
}
