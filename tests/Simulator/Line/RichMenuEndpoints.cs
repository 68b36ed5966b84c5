using System.Text.Json;
using System.Text.Json.Nodes;

namespace CoopLine.Simulator.Line;

/// <summary>Rich menus: the account's, the default one, and those of single users.</summary>
/// <seealso href="https://developers.line.biz/en/reference/messaging-api/#rich-menu"/>
internal sealed class RichMenuEndpoints(LineSimulator line, RichMenus menus)
{
    private const int ImageLimitBytes = 1024 * 1024;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v2/bot/richmenu/list", List).Is(LineCall.RichMenus);
        routes.MapPost("/v2/bot/richmenu", Create).Is(LineCall.RichMenus);
        routes.MapPost("/v2/bot/richmenu/validate", ValidateMenu).Is(LineCall.RichMenus);
        routes.MapGet("/v2/bot/richmenu/{id}", Get).Is(LineCall.RichMenus);
        routes.MapDelete("/v2/bot/richmenu/{id}", (string id) => Answer(menus.Delete(id))).Is(LineCall.RichMenus);
        routes.MapPost("/v2/bot/richmenu/{id}/content", Upload).Is(LineCall.RichMenuImage);
        routes.MapGet("/v2/bot/richmenu/{id}/content", Download).Is(LineCall.RichMenuImage);

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
        { Call.Bytes.Length: 0 or > ImageLimitBytes } =>
            LineAnswer.Refuse(400, "The image size is not allowed for richmenu"),
        _ => Answer(menus.SetImage(id, new(request.ContentType!, request.Call.Bytes))),
    };

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

    private static IResult Answer(RichMenuOutcome outcome) => outcome switch
    {
        RichMenuOutcome.NotFound => LineAnswer.NotFound(),
        RichMenuOutcome.NoImage => LineAnswer.Refuse(400, "must upload richmenu image before applying it to user"),
        RichMenuOutcome.ImageAlreadyThere =>
            LineAnswer.Refuse(400, "An image has already been uploaded to the richmenu"),
        _ => LineAnswer.Empty(),
    };
}
