using System.Data.Common;
using System.Globalization;
using CoopLine.Simulator;

namespace CoopLine.ClusterTests.Load;

/// <summary>Many friends, every other one a linked member, written straight into the tables: webhooks would take hours.</summary>
internal static class Friends
{
    /// <summary>Their phones.</summary>
    public static SimulatedPhone[] At(LineSimulator line, int count) =>
        [.. Enumerable.Range(1, count).Select(i => line.Friend(string.Create(CultureInfo.InvariantCulture, $"U{i:x32}")))];

    public static Task OnPostgreSql(DbConnection connection, int count) => Insert(
        connection, $"generate_series(1, {count}) AS friend (i)", "lpad(to_hex(i), 32, '0')", json => $"convert_to({json}, 'UTF8')",
        ("Pending, ", "0, "));

    public static Task OnSqlite(DbConnection connection, int count) => Insert(
        connection, $"(WITH RECURSIVE one (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM one WHERE i < {count}) SELECT i FROM one) AS friend",
        "printf('%032x', i)", json => $"CAST({json} AS BLOB)", ("", ""));

    /// <param name="numbers">SQL: a table of one column <c>i</c>.</param>
    /// <param name="id">SQL: an account's id from <c>i</c>, without its U.</param>
    /// <param name="bytes">SQL: a text as bytes.</param>
    /// <param name="also">A column of one engine, and its value.</param>
    private static async Task Insert(
        DbConnection connection, string numbers, string id, Func<string, string> bytes, (string Column, string Value) also)
    {
        var into = $"""
            INSERT INTO OrleansStorage (
                {also.Column}GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainTypeString, GrainIdExtensionString, ServiceId, PayloadBinary,
                Version, ModifiedOn)
            """;
        var linked = $$$"""'{"link":{"id":"L' || i || '","account":"U' || {{{id}}} || '","member":"' || (100000000 + i) || '","at":"2026-11-01T00:00:00+00:00","sequence":1}}'""";
        await using var command = connection.CreateCommand();
        command.CommandText = $$"""
            {{into}}
            SELECT {{also.Value}}i, 1, 0, 0, 'line-account', 'u-U' || {{id}}, 'coopline', {{bytes($"CASE i % 2 WHEN 0 THEN {linked} ELSE '{{}}' END")}},
                1, '2026-11-01T00:00:00.000Z'
            FROM {{numbers}};
            {{into}}
            SELECT {{also.Value}}i, 2, 0, 0, 'member', 'm-' || (100000000 + i), 'coopline', {{bytes(linked)}}, 1, '2026-11-01T00:00:00.000Z'
            FROM {{numbers}}
            WHERE i % 2 = 0;
            """;
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }
}
