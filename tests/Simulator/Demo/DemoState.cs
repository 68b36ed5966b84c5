using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace CoopLine.Simulator.Demo;

/// <summary>
/// What the demo page shows, sent whole at every change: it is small, and a page cannot miss a part of it.
/// </summary>
internal sealed class DemoState(LineSimulator line, DemoTrouble trouble)
{
    private const int CallsShown = 30;
    private readonly string instance = LineEvents.NewToken();

    /// <summary>The state now, and again after each change, until the reader leaves.</summary>
    public async IAsyncEnumerable<object> Follow([EnumeratorCancellation] CancellationToken gone = default)
    {
        while (!gone.IsCancellationRequested)
        {
            var change = line.Changes.Next;
            yield return Now();
            await change.WaitAsync(gone);
        }
    }

    private object Now() => new
    {
        // A page that sees another instance was left over from before a restart, and loads itself again.
        instance,
        ready = line.DemoIsReady,
        clock = new { now = line.Clock.GetUtcNow(), aheadSeconds = (line.Clock as DemoClock)?.Ahead.TotalSeconds ?? 0 },
        phones = line.Phones.Select(phone => new
        {
            phone.UserId,
            phone.Name,
            phone.IsFriend,
            phone.IsBlocking,
            menu = Menu(line.RichMenus.ShownTo(phone.UserId)),
            chat = phone.Chat.Select(entry => new { entry.Said, received = Shown(entry.Received), entry.At }),
        }),
        calls = line.Calls.TakeLast(CallsShown).Reverse().Select(call => new
        {
            call.Method,
            call.Path,
            call.Status,
            call.Dropped,
            call.At,
        }),
        trouble = trouble.On,
        heldWebhooks = line.Webhooks.HeldCount,
    };

    private static object? Menu(JsonObject? menu) => menu is null ? null : new
    {
        id = (string?)menu["richMenuId"],
        name = (string?)menu["name"],
        title = (string?)menu["chatBarText"],
        selected = (bool?)menu["selected"],
        size = menu["size"]!.DeepClone(),
        areas = menu["areas"]!.DeepClone(),
    };

    private static object? Shown(ReceivedMessage? message) => message is null ? null : new
    {
        message.Title,
        kind = message.Json.TryGetProperty("template", out var template)
            ? template.GetProperty("type").GetString()
            : message.Type,
        text = message.Text.Length > 0 ? message.Text : message.AltText ?? $"[{message.Type}]",
        notice = message.AltText ?? message.Text,
        message.Buttons,
        way = message.Way.ToString(),
    };
}
