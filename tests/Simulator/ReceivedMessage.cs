using System.Text.Json;

namespace CoopLine.Simulator;

/// <summary>How a message reached the phone.</summary>
public enum MessageWay
{
    Reply,
    Push,
    Multicast,
}

/// <summary>A button or quick reply of a message; which of the last three is set depends on its kind.</summary>
/// <param name="Uri">Opens this address.</param>
/// <param name="Data">Sends this postback.</param>
/// <param name="Says">What appears in the chat as said by the user.</param>
public sealed record MessageButton(string Label, string? Uri, string? Data, string? Says);

/// <summary>A message that arrived on a phone.</summary>
/// <param name="Type">LINE's message type: text, template, flex …</param>
/// <param name="Text">What is read in the chat; of a flex message, all its texts, one a line.</param>
/// <param name="AltText">What is read in the notification; null for plain text.</param>
/// <param name="Unit">The name under which LINE counts who opened it.</param>
/// <param name="Json">The message object as it was sent.</param>
public sealed record ReceivedMessage(
    string Type, string? Title, string Text, string? AltText, IReadOnlyList<MessageButton> Buttons,
    MessageWay Way, string? RetryKey, string? Unit, DateTimeOffset At, JsonElement Json)
{
    internal static ReceivedMessage From(JsonElement message, MessageWay way, string? retryKey, string? unit, DateTimeOffset at)
    {
        var texts = new List<string>();
        var buttons = new List<MessageButton>();
        var shown = message.TryGetProperty("template", out var template) ? template
            : message.TryGetProperty("contents", out var contents) ? contents
            : message;
        Collect(shown, texts, buttons);
        if (!shown.Equals(message) && message.TryGetProperty("quickReply", out var quickReply))
            Collect(quickReply, [], buttons);

        return new(
            String(message, "type")!, String(shown, "title"), string.Join('\n', texts), String(message, "altText"),
            buttons, way, retryKey, unit, at, message);
    }

    public override string ToString() =>
        $"[{Way} {Type}] {Text}{string.Concat(Buttons.Select(button => $" 〔{button.Label}〕"))}";

    private static void Collect(JsonElement element, List<string> texts, List<MessageButton> buttons)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray()) Collect(item, texts, buttons);
            return;
        }
        if (element.ValueKind != JsonValueKind.Object) return;
        if (IsAction(element))
        {
            buttons.Add(new(
                String(element, "label") ?? "", String(element, "uri"), String(element, "data"),
                String(element, "displayText") ?? String(element, "text")));
            return;
        }
        foreach (var property in element.EnumerateObject())
        {
            if (property is { Name: "text", Value.ValueKind: JsonValueKind.String })
                texts.Add(property.Value.GetString()!);
            else
                Collect(property.Value, texts, buttons);
        }
    }

    // "message" and "uri" are action types only; a quick reply item is of type "action" and holds the real one.
    private static bool IsAction(JsonElement element) =>
        String(element, "type") is "postback" or "uri" or "message" or "clipboard" or "datetimepicker";

    private static string? String(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
