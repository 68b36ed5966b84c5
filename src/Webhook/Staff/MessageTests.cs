using System.Text.Json.Nodes;
using CoopLine.Grains;
using CoopLine.Grains.Line;
using CoopLine.Grains.Messages;
using CoopLine.Grains.Registry;
using CoopLine.Webhook.Edge;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Staff;

/// <summary>Shows a message to members of staff before it is sent: both wordings, marked as a test.</summary>
internal sealed class MessageTests(
    IGrainFactory grains, Patience patience, LineMessagingClient line, MessageBodies bodies, IOptions<MessageOptions> options, TimeProvider clock)
{
    /// <param name="written">A member number as somebody wrote it.</param>
    /// <returns>Null when LINE took it; else why it was not sent.</returns>
    public async Task<string?> Send(MessageDefinition definition, string written)
    {
        if (MemberNumber.Read(written) is not { } number) return "noMemberNumber";
        if (!options.Value.MayTest(number)) return "noTester";
        if (await patience.Repeat(grains.Member(number).Report) is not { Link: { } link }) return "notLinked";
        if (!(await patience.Repeat(grains.Account(link.Account).Standing)).Following) return "blocked";

        var messages = new JsonArray();
        foreach (var content in new[] { definition.Linked, definition.Unlinked })
            foreach (var message in content is null ? [] : bodies.Trial(bodies.Filled(content, new(), clock.GetUtcNow()))) messages.Add(message!.DeepClone());
        return await line.Push(link.Account, messages, Guid.NewGuid()) switch
        {
            LineCallResult.Accepted => null,
            LineCallResult.OverMonthlyLimit => "overMonthlyLimit",
            LineCallResult.Rejected => "refused",
            _ => "lineUnavailable",
        };
    }
}
