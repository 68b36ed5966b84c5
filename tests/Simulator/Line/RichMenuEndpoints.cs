using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CoopLine.Simulator.Line;

/// <summary>Rich menus: the account's, the default one, and those of single users.</summary>
/// <seealso href="https://developers.line.biz/en/reference/messaging-api/#rich-menu"/>
internal sealed partial class RichMenuEndpoints(LineSimulator line, RichMenus menus, TimeProvider clock)
{
    private const int ImageLimitBytes = 1024 * 1024;
    private const int MostMoves = 1000;

    private readonly HourlyLimit creations = new(100, clock);
    private readonly HourlyLimit deletions = new(100, clock);
    private readonly HourlyLimit moves = new(3, clock);
    private readonly HourlyLimit progress = new(100, clock);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v2/bot/richmenu/list", List).Is(LineCall.RichMenus);
        routes.MapPost("/v2/bot/richmenu", Create).Is(LineCall.RichMenus);
        routes.MapPost("/v2/bot/richmenu/validate", ValidateMenu).Is(LineCall.RichMenus);
        routes.MapGet("/v2/bot/richmenu/{id}", Get).Is(LineCall.RichMenus);
        routes.MapDelete("/v2/bot/richmenu/{id}", Delete).Is(LineCall.RichMenus);
        routes.MapPost("/v2/bot/richmenu/{id}/content", Upload).Is(LineCall.RichMenuImage);
        routes.MapGet("/v2/bot/richmenu/{id}/content", Download).Is(LineCall.RichMenuImage);

        routes.MapPost("/v2/bot/richmenu/alias", CreateAlias).Is(LineCall.RichMenuAlias);
        routes.MapPost("/v2/bot/richmenu/alias/{alias}", ChangeAlias).Is(LineCall.RichMenuAlias);
        routes.MapGet("/v2/bot/richmenu/alias/{alias}", GetAlias).Is(LineCall.RichMenuAlias);
        routes.MapPost("/v2/bot/richmenu/batch", Move).Is(LineCall.RichMenuBatch);
        routes.MapGet("/v2/bot/richmenu/progress/batch", Progress).Is(LineCall.RichMenuBatch);

        routes.MapPost("/v2/bot/user/all/richmenu/{id}", (string id) => Answer(menus.SetDefault(id)))
            .Is(LineCall.DefaultRichMenu);
        routes.MapGet("/v2/bot/user/all/richmenu", GetDefault).Is(LineCall.DefaultRichMenu);
        routes.MapDelete("/v2/bot/user/all/richmenu", () => Answer(menus.SetDefault(null)))
            .Is(LineCall.DefaultRichMenu);

        routes.MapPost("/v2/bot/user/{userId}/richmenu/{id}", Link).Is(LineCall.LinkRichMenu);
        routes.MapDelete("/v2/bot/user/{userId}/richmenu", Unlink).Is(LineCall.UnlinkRichMenu);
        routes.MapGet("/v2/bot/user/{userId}/richmenu", GetOfUser).Is(LineCall.RichMenuOfUser);
    }

    private IResult List() => LineAnswer.Json(new JsonObject { ["richmenus"] = new JsonArray([.. menus.All]) });

    private IResult Create(LineRequest request)
    {
        if (Check(request, out var definition) is { } refusal) return refusal;
        if (!creations.Take()) return TooMany();
        return LineAnswer.Json(new JsonObject { ["richMenuId"] = menus.Create(JsonObject.Create(definition)!) });
    }

    private static IResult ValidateMenu(LineRequest request) => Check(request, out _) ?? LineAnswer.Empty();

    private static IResult? Check(LineRequest request, out JsonElement definition)
    {
        if (request.Json(out definition) is { } notJson) return notJson;
        return MessageRules.CheckRichMenu(definition) is { Count: > 0 } faults ? LineAnswer.Refuse(faults) : null;
    }

    private IResult Get(string id) => menus.Find(id) is { } menu ? LineAnswer.Json(menu) : LineAnswer.NotFound();

    private IResult Upload(string id, LineRequest request) => request switch
    {
        { ContentType: not ("image/png" or "image/jpeg") } =>
            LineAnswer.Refuse(415, $"The content type, {request.ContentType}, is not supported"),
        { Call.Bytes.Length: 0 or > ImageLimitBytes } => WrongSize(),
        { ContentType: "image/png" } when menus.Find(id) is { } menu && !Fits(request.Call.Bytes.Span, menu) => WrongSize(),
        _ => Answer(menus.SetImage(id, new(request.ContentType!, request.Call.Bytes))),
    };

    private static IResult WrongSize() => LineAnswer.Refuse(400, "The image size is not allowed for richmenu");

    /// <summary>LINE only says that the picture should be as large as the menu; the simulator insists, since else taps miss.</summary>
    private static bool Fits(ReadOnlySpan<byte> png, JsonObject menu) =>
        png.Length > 24
        && BinaryPrimitives.ReadInt32BigEndian(png[16..]) == (int)menu["size"]!["width"]!
        && BinaryPrimitives.ReadInt32BigEndian(png[20..]) == (int)menu["size"]!["height"]!;

    private IResult Delete(string id) => deletions.Take() ? Answer(menus.Delete(id)) : TooMany();

    private IResult CreateAlias(LineRequest request)
    {
        if (request.Json(out var body) is { } notJson) return notJson;
        if (Text(body, "richMenuAliasId") is not { } alias || !AliasName().IsMatch(alias))
            return LineAnswer.InvalidProperty("richMenuAliasId");
        return SetAlias(body, alias, isNew: true);
    }

    private IResult ChangeAlias(string alias, LineRequest request) =>
        request.Json(out var body) ?? SetAlias(body, alias, isNew: false);

    private IResult SetAlias(JsonElement body, string alias, bool isNew) => Text(body, "richMenuId") is { } id
        ? Answer(menus.SetAlias(alias, id, isNew))
        : LineAnswer.InvalidProperty("richMenuId");

    private IResult GetAlias(string alias) => menus.Alias(alias) is { } id
        ? LineAnswer.Json(new JsonObject { ["richMenuAliasId"] = alias, ["richMenuId"] = id })
        : LineAnswer.NotFound();

    private IResult Move(LineRequest request)
    {
        if (request.Json(out var body) is { } notJson) return notJson;
        if (!body.TryGetProperty("operations", out var operations) || operations.ValueKind != JsonValueKind.Array
            || operations.GetArrayLength() is < 1 or > MostMoves)
            return LineAnswer.Refuse([new($"Size must be between 1 and {MostMoves}", "operations")]);
        var wanted = new List<(string From, string To)>();
        foreach (var operation in operations.EnumerateArray())
        {
            // LINE can also unlink by batch; CoopLine does not.
            if (Text(operation, "type") != "link" || Text(operation, "from") is not { } from || Text(operation, "to") is not { } to)
                return LineAnswer.InvalidProperty("operations");
            wanted.Add((from, to));
        }
        var key = Text(body, "resumeRequestKey");
        if (key is not null && !ResumeKey().IsMatch(key)) return LineAnswer.InvalidProperty("resumeRequestKey");
        if (!moves.Take()) return TooMany();
        return Answer(menus.Move(wanted, key), done: 202);
    }

    private IResult Progress(string requestId)
    {
        if (!progress.Take()) return TooMany();
        return line.Calls.FirstOrDefault(call => call.RequestId == requestId && call.Name == LineCall.RichMenuBatch) is { } move
            ? LineAnswer.Json(new JsonObject
            {
                ["phase"] = "succeeded",
                ["acceptedTime"] = move.At.ToString("O"),
                ["completedTime"] = move.At.ToString("O"),
            })
            : LineAnswer.NotFound();
    }

    private IResult Download(string id) => menus.ImageOf(id) is { } image
        ? Results.Bytes(image.Bytes, image.ContentType)
        : LineAnswer.NotFound();

    private IResult GetDefault() => menus.Default is { } id
        ? LineAnswer.Json(new JsonObject { ["richMenuId"] = id })
        : LineAnswer.Refuse(404, "no default richmenu");

    private IResult Link(string userId, string id)
    {
        if (!LineRequest.IsUserId(userId)) return LineAnswer.InvalidProperty("userId");
        return Answer(menus.Link(userId, id, reachable: line.Find(userId) is { IsFriend: true, IsBlocking: false }));
    }

    private IResult Unlink(string userId)
    {
        if (!LineRequest.IsUserId(userId)) return LineAnswer.InvalidProperty("userId");
        menus.Unlink(userId);
        return LineAnswer.Empty();
    }

    private IResult GetOfUser(string userId)
    {
        if (!LineRequest.IsUserId(userId)) return LineAnswer.InvalidProperty("userId");
        return menus.LinkedTo(userId) is { } id
            ? LineAnswer.Json(new JsonObject { ["richMenuId"] = id })
            : LineAnswer.Refuse(404, "the user has no richmenu");
    }

    private static IResult TooMany() => LineAnswer.Refuse(429, Trouble.RateLimitText);

    private static string? Text(JsonElement owner, string name) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static IResult Answer(RichMenuOutcome outcome, int done = 200) => outcome switch
    {
        RichMenuOutcome.NotFound => LineAnswer.NotFound(),
        RichMenuOutcome.NoImage => LineAnswer.Refuse(400, "must upload richmenu image before applying it to user"),
        RichMenuOutcome.ImageAlreadyThere =>
            LineAnswer.Refuse(400, "An image has already been uploaded to the richmenu"),
        RichMenuOutcome.AliasTaken => LineAnswer.Refuse(400, "conflict richmenu alias id"),
        _ => LineAnswer.Empty(done),
    };

    [GeneratedRegex("^[a-z0-9_-]{1,32}$")]
    private static partial Regex AliasName();

    [GeneratedRegex("^[0-9A-Za-z_-]{1,100}$")]
    private static partial Regex ResumeKey();

    /// <summary>So many within any hour.</summary>
    private sealed class HourlyLimit(int most, TimeProvider clock)
    {
        private readonly Lock gate = new();
        private readonly Queue<DateTimeOffset> taken = [];

        public bool Take()
        {
            lock (gate)
            {
                var now = clock.GetUtcNow();
                while (taken.TryPeek(out var first) && first <= now - TimeSpan.FromHours(1)) taken.Dequeue();
                if (taken.Count >= most) return false;
                taken.Enqueue(now);
                return true;
            }
        }
    }
}
