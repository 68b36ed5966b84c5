using System.Globalization;
using System.Text.Json;

namespace CoopLine.Simulator.Line;

/// <summary>One broken limit, as LINE lists it under <c>details</c>.</summary>
internal sealed record Fault(string Message, string Property);

/// <summary>LINE's limits on messages, actions and rich menus: line by line what its reference states.</summary>
internal sealed class MessageRules
{
    private readonly List<Fault> faults = [];

    private MessageRules()
    {
    }

    public static IReadOnlyList<Fault> CheckMessages(JsonElement body)
    {
        var rules = new MessageRules();
        if (!body.TryGetProperty("messages", out var messages) || messages.ValueKind != JsonValueKind.Array)
            rules.Fail("must be specified", "messages");
        else if (messages.GetArrayLength() is < 1 or > 5)
            rules.Fail("Size must be between 1 and 5", "messages");
        else
            rules.Each(messages, "messages", rules.Message);
        return rules.faults;
    }

    public static IReadOnlyList<Fault> CheckRichMenu(JsonElement menu)
    {
        var rules = new MessageRules();
        if (menu.ValueKind != JsonValueKind.Object) return [new("must be specified", "size")];
        rules.Text(menu, "", "name", 300, graphemes: true);
        rules.Text(menu, "", "chatBarText", 14, graphemes: true);
        if (!menu.TryGetProperty("selected", out var selected)
            || selected.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            rules.Fail("must be specified", "selected");
        var (width, height) = menu.TryGetProperty("size", out var size)
            ? (Number(size, "width"), Number(size, "height")) : (0, 0);
        if (width is < 800 or > 2500 || height < 250 || width < height * 1.45) rules.Fail("invalid size", "size");
        if (!menu.TryGetProperty("areas", out var areas) || areas.ValueKind != JsonValueKind.Array)
            rules.Fail("must be specified", "areas");
        else if (areas.GetArrayLength() > 20)
            rules.Fail("Size must be between 0 and 20", "areas");
        else
            rules.Each(areas, "areas", (area, at) =>
            {
                if (!area.TryGetProperty("bounds", out var bounds)
                    || Number(bounds, "x") + Number(bounds, "width") > width
                    || Number(bounds, "y") + Number(bounds, "height") > height)
                    rules.Fail("invalid bounds", at + ".bounds");
                rules.ActionOf(area, at, "action", labelLimit: 20, labelRequired: false);
            });
        return rules.faults;
    }

    private void Message(JsonElement message, string at)
    {
        switch (Kind(message))
        {
            case "text":
            case "textV2":
                Text(message, at, "text", 5000);
                break;
            case "template":
                Text(message, at, "altText", 1500);
                if (message.TryGetProperty("template", out var template)) Template(template, at + ".template");
                else Fail("must be specified", at + ".template");
                break;
            case "flex":
                Text(message, at, "altText", 1500);
                if (message.TryGetProperty("contents", out var contents)) Flex(contents, at + ".contents");
                else Fail("must be specified", at + ".contents");
                break;
            case "image" or "video" or "audio" or "location" or "sticker" or "imagemap" or "coupon":
                break;
            default:
                Fail("invalid message type", at + ".type");
                break;
        }
        if (message.TryGetProperty("sender", out var sender)) Text(sender, at + ".sender", "name", 20, required: false);
        if (message.TryGetProperty("quickReply", out var quickReply)
            && List(quickReply, at + ".quickReply", "items", 1, 13) is { } items)
            Each(items, at + ".quickReply.items", (item, place) => ActionOf(item, place, "action", labelLimit: 20));
    }

    private void Template(JsonElement template, string at)
    {
        switch (Kind(template))
        {
            case "buttons":
                Column(template, at, textLimit: 160, mostActions: 4);
                break;
            case "confirm":
                Text(template, at, "text", 240, graphemes: true);
                Actions(template, at, 2, 2);
                break;
            case "carousel":
                if (List(template, at, "columns", 1, 10) is { } columns)
                    Each(columns, at + ".columns", (column, place) =>
                        Column(column, place, textLimit: 120, mostActions: 3));
                break;
            case "image_carousel":
                List(template, at, "columns", 1, 10);
                break;
            default:
                Fail("invalid template type", at + ".type");
                break;
        }
    }

    private void Column(JsonElement column, string at, int textLimit, int mostActions)
    {
        var narrow = column.TryGetProperty("title", out _) || column.TryGetProperty("thumbnailImageUrl", out _);
        Text(column, at, "text", narrow ? 60 : textLimit, graphemes: true);
        Text(column, at, "title", 40, required: false, graphemes: true);
        Actions(column, at, 1, mostActions);
    }

    private void Flex(JsonElement contents, string at)
    {
        var (limit, kind) = Kind(contents) == "carousel" ? (50_000, "carousel") : (30_000, "bubble");
        if (Kind(contents) != kind) Fail("must be bubble or carousel", at + ".type");
        if (contents.GetRawText().Length > limit) Fail($"must be less than {limit} bytes", at);
        if (kind == "carousel") List(contents, at, "contents", 1, 12);
        FlexParts(contents, at);
    }

    private void FlexParts(JsonElement part, string at)
    {
        if (part.ValueKind == JsonValueKind.Array)
        {
            Each(part, at, FlexParts);
            return;
        }
        if (part.ValueKind != JsonValueKind.Object) return;
        if (Kind(part) == "text" && !part.TryGetProperty("contents", out _)) Text(part, at, "text", int.MaxValue);
        foreach (var property in part.EnumerateObject())
        {
            if (property.Name == "action")
                Action(property.Value, $"{at}.action", labelLimit: 40, labelRequired: Kind(part) == "button");
            else if (property.Name is "header" or "hero" or "body" or "footer" or "contents")
                FlexParts(property.Value, $"{at}.{property.Name}");
        }
    }

    private void Actions(JsonElement owner, string at, int least, int most)
    {
        if (List(owner, at, "actions", least, most) is { } actions)
            Each(actions, at + ".actions", (action, place) => Action(action, place, labelLimit: 20));
    }

    private void ActionOf(JsonElement owner, string at, string name, int labelLimit, bool labelRequired = true)
    {
        if (owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var action))
            Action(action, $"{at}.{name}", labelLimit, labelRequired);
        else
            Fail("must be specified", $"{at}.{name}");
    }

    private void Action(JsonElement action, string at, int labelLimit, bool labelRequired = true)
    {
        Text(action, at, "label", labelLimit, labelRequired, graphemes: true);
        switch (Kind(action))
        {
            case "postback":
                Text(action, at, "data", 300);
                Text(action, at, "displayText", 300, required: false, graphemes: true);
                break;
            case "message":
                Text(action, at, "text", 300, graphemes: true);
                break;
            case "uri":
                Text(action, at, "uri", 1000);
                if (action.TryGetProperty("uri", out var uri) && !IsAllowed(uri)) Fail("invalid uri", at + ".uri");
                break;
            case "richmenuswitch" or "clipboard" or "datetimepicker" or "camera" or "cameraRoll" or "location":
                break;
            default:
                Fail("invalid action type", at + ".type");
                break;
        }
    }

    private static bool IsAllowed(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && value.GetString() is { } uri && uri.All(char.IsAscii)
        && Uri.TryCreate(uri, UriKind.Absolute, out var parsed)
        && parsed.Scheme is "http" or "https" or "line" or "tel";

    private void Text(
        JsonElement owner, string at, string name, int limit, bool required = true, bool graphemes = false)
    {
        var place = at.Length == 0 ? name : $"{at}.{name}";
        if (owner.ValueKind != JsonValueKind.Object || !owner.TryGetProperty(name, out var value))
        {
            if (required) Fail("must be specified", place);
            return;
        }
        if (value.ValueKind != JsonValueKind.String || value.GetString() is not { Length: > 0 } text)
        {
            Fail("May not be empty", place);
            return;
        }
        var length = graphemes ? new StringInfo(text).LengthInTextElements : text.Length;
        if (length > limit) Fail($"Length must be between 0 and {limit}", place);
    }

    private JsonElement? List(JsonElement owner, string at, string name, int least, int most)
    {
        if (owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var list)
            && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() >= least && list.GetArrayLength() <= most)
            return list;
        Fail($"Size must be between {least} and {most}", $"{at}.{name}");
        return null;
    }

    private void Each(JsonElement list, string at, Action<JsonElement, string> check)
    {
        var index = 0;
        foreach (var item in list.EnumerateArray())
        {
            var place = $"{at}[{index++}]";
            if (item.ValueKind == JsonValueKind.Object) check(item, place);
            else Fail("must be an object", place);
        }
    }

    private void Fail(string message, string property) => faults.Add(new(message, property));

    private static string? Kind(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty("type", out var type)
        && type.ValueKind == JsonValueKind.String ? type.GetString() : null;

    private static int Number(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value)
        && value.TryGetInt32(out var number) ? number : 0;
}
