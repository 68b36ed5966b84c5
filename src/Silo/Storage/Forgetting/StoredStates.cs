using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CoopLine.Grains.Storage;
using CoopLine.Silo.Storage.GroupCommit;

namespace CoopLine.Silo.Storage.Forgetting;

/// <summary>
/// Rows of states, changed past their grains. A grain that has one in memory finds another version when it writes, and reads
/// again. The time of the last write stays as it was: it would tell when somebody was erased.
/// </summary>
internal sealed class StoredStates(Database database, DbConnection connection)
{
    private const string Identity = """
        GrainIdHash = @keyHash AND GrainTypeHash = @nameHash AND GrainIdN0 = 0 AND GrainIdN1 = 0
        AND GrainTypeString = @name AND GrainIdExtensionString = @key
        """;

    /// <returns>State null when there is no row, or one that was cleared.</returns>
    public async Task<Stored<TState>> Read<TState>(string name, string key)
        where TState : class
    {
        await using var command = Command($"SELECT PayloadBinary, Version FROM OrleansStorage WHERE {Identity}", name, key);
        await using var row = await command.ExecuteReaderAsync();
        return await row.ReadAsync() ? new(State<TState>(row, 0), row.GetInt32(1)) : default;
    }

    /// <summary>The states of some name that hold one of these texts somewhere.</summary>
    /// <param name="which">SQL.</param>
    public async Task<ImmutableArray<(string Key, TState State, int Version)>> Holding<TState>(string which, IEnumerable<string> texts)
        where TState : class
    {
        (string, object?)[] values = [.. texts.Select((text, i) => ($"@text{i}", (object?)Encoding.UTF8.GetBytes($"\"{text}\"")))];
        var holds = string.Join(" OR ", values.Select(value => database.Holds("PayloadBinary", value.Item1)));
        await using var command = connection.Command(
            $"SELECT GrainIdExtensionString, PayloadBinary, Version FROM OrleansStorage WHERE {which} AND ({holds})", values);
        command.CommandTimeout = Database.PatienceSeconds;
        await using var row = await command.ExecuteReaderAsync();
        var found = ImmutableArray.CreateBuilder<(string, TState, int)>();
        while (await row.ReadAsync()) found.Add((row.GetString(0), State<TState>(row, 1)!, row.GetInt32(2)));
        return found.ToImmutable();
    }

    /// <param name="newKey">Under which it is found from now on.</param>
    /// <returns>False when there is another version.</returns>
    public async Task<bool> Write<TState>(string name, string key, TState state, int version, string? newKey = null)
    {
        var row = StateRow.Of(name, newKey ?? key);
        await using var command = Command(
            $"""
            UPDATE OrleansStorage
            SET GrainIdHash = @newHash, GrainIdExtensionString = @newKey, PayloadBinary = @payload, Version = Version + 1
            WHERE {Identity} AND Version = @version
            """,
            name, key,
            ("@newHash", row.KeyHash), ("@newKey", row.Key), ("@version", version),
            ("@payload", JsonSerializer.SerializeToUtf8Bytes(state, StateJson.Options)));
        return await command.ExecuteNonQueryAsync() == 1;
    }

    /// <param name="version">Null for whichever there is.</param>
    public async Task<bool> Delete(string name, string key, int? version = null)
    {
        var one = version is { } number ? string.Create(CultureInfo.InvariantCulture, $"AND Version = {number}") : "";
        await using var command = Command($"DELETE FROM OrleansStorage WHERE {Identity} {one}", name, key);
        return await command.ExecuteNonQueryAsync() == 1;
    }

    private DbCommand Command(string sql, string name, string key, params ReadOnlySpan<(string, object?)> more)
    {
        var row = StateRow.Of(name, key);
        return connection.Command(
            sql, [("@keyHash", row.KeyHash), ("@nameHash", row.NameHash), ("@name", name), ("@key", key), .. more]);
    }

    private static TState? State<TState>(DbDataReader row, int column)
        where TState : class =>
        row.IsDBNull(column) ? null : JsonSerializer.Deserialize<TState>(row.GetFieldValue<byte[]>(column), StateJson.Options);
}
