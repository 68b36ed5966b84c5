using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;

namespace CoopLine.Simulator.Line;

/// <summary>What LINE tells of the account: its friends, its quota, and what became of its messages.</summary>
/// <seealso href="https://developers.line.biz/en/reference/messaging-api/"/>
internal sealed class StatisticsEndpoints(LineSimulator line, MonthlyQuota quota, AggregationUnits units)
{
    private const int FollowersMost = 1_000;
    private const int FollowersUsual = 300;
    private const int UnitsMost = 100;
    private const int DaysMost = 30;

    /// <summary>Of fewer persons LINE tells nothing.</summary>
    private const int Least = 20;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v2/bot/message/quota", Quota).Is(LineCall.Quota);
        routes.MapGet("/v2/bot/message/quota/consumption", () => Results.Json(new { totalUsage = quota.Told })).Is(LineCall.Consumption);
        routes.MapGet("/v2/bot/followers/ids", Followers).Is(LineCall.FollowerIds);
        routes.MapGet("/v2/bot/message/aggregation/info", () => Results.Json(new { numOfCustomAggregationUnits = units.Names.Count() }))
            .Is(LineCall.AggregationUnits);
        routes.MapGet("/v2/bot/message/aggregation/list", Units).Is(LineCall.AggregationUnits);
        routes.MapGet("/v2/bot/insight/message/event/aggregation", Insight).Is(LineCall.Insight);
    }

    private IResult Quota() =>
        quota.Limit is { } limit ? Results.Json(new { type = "limited", value = limit }) : Results.Json(new { type = "none" });

    /// <summary>In the order of their ids, so that nobody is passed over who stays while others come and go.</summary>
    private IResult Followers(int limit = FollowersUsual, string? start = null)
    {
        if (limit is < 1 or > FollowersMost) return LineAnswer.InvalidProperty("limit");
        if (ReadToken(start) is not { } after || (after.Length > 0 && !LineRequest.IsUserId(after))) return LineAnswer.InvalidProperty("start");
        return Page("userIds", line.AllPhones.Where(phone => phone is { IsFriend: true, IsBlocking: false }).Select(phone => phone.UserId), after, limit);
    }

    private IResult Units(int limit = UnitsMost, string? start = null)
    {
        if (limit is < 1 or > UnitsMost) return LineAnswer.InvalidProperty("limit");
        return ReadToken(start) is { } after ? Page("customAggregationUnits", units.Names, after, limit) : LineAnswer.InvalidProperty("start");
    }

    private IResult Insight(string? customAggregationUnit = null, string? from = null, string? to = null)
    {
        if (customAggregationUnit is null) return LineAnswer.InvalidProperty("customAggregationUnit");
        if (ReadDay(from) is not { } first) return LineAnswer.InvalidProperty("from");
        if (ReadDay(to) is not { } last || last < first || last > first.AddDays(DaysMost)) return LineAnswer.InvalidProperty("to");

        var (opened, clicked) = units.Of(customAggregationUnit);
        return LineAnswer.Json(new JsonObject
        {
            ["overview"] = new JsonObject
            {
                ["uniqueImpression"] = Told(opened),
                ["uniqueClick"] = Told(clicked),
                ["uniqueMediaPlayed"] = null,
                ["uniqueMediaPlayed100Percent"] = null,
            },
            ["messages"] = new JsonArray(),
            ["clicks"] = new JsonArray(),
        });
    }

    private static int? Told(int persons) => persons < Least ? null : persons;

    private static DateOnly? ReadDay(string? text) =>
        DateOnly.TryParseExact(text, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    /// <param name="sorted">By their ordinals.</param>
    private static IResult Page(string name, IEnumerable<string> sorted, string after, int limit)
    {
        string[] page = [.. sorted.SkipWhile(one => string.CompareOrdinal(one, after) <= 0).Take(limit + 1)];
        var answer = new JsonObject { [name] = new JsonArray([.. page.Take(limit).Select(one => (JsonNode)one)]) };
        if (page.Length > limit) answer["next"] = Base64UrlTextEncoder.Encode(Encoding.ASCII.GetBytes(page[limit - 1]));
        return LineAnswer.Json(answer);
    }

    /// <returns>What the page before ended with, empty at the start; null for a token that was never given.</returns>
    private static string? ReadToken(string? start)
    {
        if (start is null) return "";
        try
        {
            return Encoding.ASCII.GetString(Base64UrlTextEncoder.Decode(start));
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
