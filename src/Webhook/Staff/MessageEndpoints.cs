using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Claims;
using CoopLine.Grains;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Line;
using CoopLine.Grains.Messages;
using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Staff;

/// <summary>Messages to many: from a draft to who got it.</summary>
internal static class MessageEndpoints
{
    private const int PageMax = 1_000;

    extension(IEndpointRouteBuilder staff)
    {
        public void MapMessages()
        {
            var message = staff.MapGroup("/messages/{id}")
                .ProducesProblem(StatusCodes.Status404NotFound)
                .ProducesProblem(StatusCodes.Status409Conflict);
            message.MapGet("/", Read)
                .Needs(Permission.SeeCampaigns)
                .WithSummary("One message, and how far it has come.");
            message.MapPut("/", Define)
                .Needs(Permission.WriteCampaigns)
                .WithSummary("Create a message as a draft, or define it anew; what was approved before is approved no more.")
                .WithDescription($"The id has {CampaignId.ShapeInWords}.");
            message.MapPost("/preview", Preview)
                .Needs(Permission.SeeCampaigns)
                .WithSummary("Whom it would reach now, who is left out and why, and what it costs at most.");
            message.MapPost("/test", Test)
                .Needs(Permission.WriteCampaigns)
                .WithSummary("Send it to some members of staff now, marked as a test.");
            message.MapPost("/submit", Submit)
                .Needs(Permission.WriteCampaigns)
                .WithSummary("Have LINE check it, and let somebody else approve it.");
            message.MapPost("/approve", Approve)
                .Needs(Permission.Approve)
                .WithSummary("Approve exactly what was seen. 403: whoever wrote or submitted it cannot.")
                .ProducesProblem(StatusCodes.Status403Forbidden);
            message.MapPost("/pause", (string id, ClaimsPrincipal who, Acting acting) => acting.Do(id, grain => grain.Pause(who.KeyOwner)))
                .Needs(Permission.Stop)
                .WithSummary("Begin no block until it is resumed.");
            message.MapPost("/resume", (string id, ClaimsPrincipal who, Acting acting) => acting.Do(id, grain => grain.Resume(who.KeyOwner)))
                .Needs(Permission.WriteCampaigns)
                .WithSummary("Go on where it was.");
            message.MapPost("/stop", (string id, ClaimsPrincipal who, Acting acting) => acting.Do(id, grain => grain.Stop(who.KeyOwner)))
                .Needs(Permission.Stop)
                .WithSummary("End it: no block is begun any more. waiting says how many persons' messages are under way.");
            message.MapPost("/cancel", (string id, ClaimsPrincipal who, Acting acting) => acting.Do(id, grain => grain.Cancel(who.KeyOwner)))
                .Needs(Permission.Stop)
                .WithSummary("Before anything was planned: it will not be sent.");
            message.MapResults();
            message.MapGet("/persons", Persons)
                .Needs(Permission.SeeCampaigns)
                .WithSummary("Who got it and who did not, a page at a time.")
                .WithDescription($"`state` is one of {string.Join(", ", EnumNames.All<PersonState>())}; `limit` is 1 to {PageMax}, default 100.");
        }
    }

    private static async Task<Results<Ok<MessageResponse>, ProblemHttpResult>> Read(
        string id, IGrainFactory grains, Patience patience, ISendPlans plans, CoopTime time, CancellationToken cancellation) =>
        await Find(id, grains, patience) is { } message
            ? TypedResults.Ok(MessageResponse.Of(message, await plans.Count(id, cancellation), time))
            : Unknown;

    private static async Task<Results<Ok<MessageResponse>, ProblemHttpResult>> Define(
        string id, [FromBody] MessageRequest request, ClaimsPrincipal staff, MessageDrafts drafts, Acting acting)
    {
        if (!CampaignId.IsValid(id)) return Problems.Invalid("id", $"An id has {CampaignId.ShapeInWords}.");
        if (id.StartsWith(AutomaticMessages.Reserved, StringComparison.Ordinal))
            return Problems.Invalid("id", $"Ids that begin with {AutomaticMessages.Reserved} are of messages that go out by themselves.");
        var (definition, fault) = await drafts.Read(request);
        return definition is null ? fault! : await acting.Do(id, grain => grain.Define(definition, staff.KeyOwner));
    }

    private static async Task<Results<Ok<PreviewResponse>, ProblemHttpResult>> Preview(
        string id, IGrainFactory grains, Patience patience, ISendPlans plans, MonthlyUse use, Prices prices, CancellationToken cancellation)
    {
        if (await Find(id, grains, patience) is not { } message) return Unknown;
        if (await use.Read(id, cancellation) is not { } month) return LineIsSilent;
        var reach = await plans.Preview(id, message.Definition, cancellation);
        var free = prices.Free(month.Place, reach.Persons);
        return TypedResults.Ok(new PreviewResponse(
            new(reach.Linked, reach.Unlinked), MessageReasons.Of(reach.LeftOut), free, reach.Persons - free,
            Prices.Yen(prices.Sen(month.Place, reach.Persons)), month.Left - reach.Persons, message.Hash));
    }

    private static async Task<Results<Ok<MessageTestResponse>, ProblemHttpResult>> Test(
        string id, [FromBody] MessageTestRequest request, ClaimsPrincipal staff, IGrainFactory grains, MessageTests tests, CoopTime time)
    {
        if (!CampaignId.IsValid(id)) return Unknown;
        var members = request.Members!.Distinct().ToArray();
        var outcome = await OnConflict.Repeat(() => grains.Message(id).Test(members.Length, staff.KeyOwner));
        if (outcome is not MessageOutcome.Done { Message: var message }) return Acting.Refusal(outcome, time);
        var sent = ImmutableArray.CreateBuilder<string>();
        var notSent = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var number in members)
        {
            if (await tests.Send(message.Definition, number) is { } why) notSent[number] = why;
            else sent.Add(number);
        }

        return TypedResults.Ok(new MessageTestResponse(sent.ToImmutable(), notSent.ToImmutable()));
    }

    private static async Task<Results<Ok<SubmittedResponse>, ProblemHttpResult>> Submit(
        string id, ClaimsPrincipal staff, IGrainFactory grains, Patience patience, LineSendingClient line, MessageBodies bodies, CoopTime time,
        TimeProvider clock, CancellationToken cancellation)
    {
        if (await Find(id, grains, patience) is not { } message) return Unknown;
        foreach (var (name, content) in new[] { ("linked", message.Definition.Linked), ("unlinked", message.Definition.Unlinked) })
        {
            if (content is null) continue;
            switch (await line.Validate(bodies.Messages(bodies.Filled(content, new(), clock.GetUtcNow())), cancellation))
            {
                case ValidationOutcome.Invalid invalid:
                    return Problems.Invalid(new Dictionary<string, string[]> { [$"variants.{name}"] = [.. invalid.Faults] });
                case ValidationOutcome.Unavailable:
                    return LineIsSilent;
            }
        }

        return await OnConflict.Repeat(() => grains.Message(id).Submit(staff.KeyOwner)) is var outcome && outcome is MessageOutcome.Done done
            ? TypedResults.Ok(new SubmittedResponse(done.Message.Hash))
            : Acting.Refusal(outcome, time);
    }

    private static async Task<Results<Ok<MessageResponse>, ProblemHttpResult>> Approve(
        string id, [FromBody] ApproveRequest request, ClaimsPrincipal staff, IGrainFactory grains, Patience patience, ISendPlans plans,
        IOptions<MessageOptions> options, Acting acting, CancellationToken cancellation)
    {
        if (await Find(id, grains, patience) is not { } message) return Unknown;
        var alone = request.Persons is { } typed && options.Value.AloneUpTo > 0 && typed <= options.Value.AloneUpTo
            && (await plans.Preview(id, message.Definition, cancellation)).Persons == typed ? request.Persons : null;
        return await acting.Do(id, grain => grain.Approve(request.Hash!, staff.KeyOwner, alone));
    }

    private static async Task<Results<Ok<MessagePersonsResponse>, ProblemHttpResult>> Persons(
        string id, ClaimsPrincipal staff, IGrainFactory grains, Patience patience, ISendPlans plans, CancellationToken cancellation,
        string? state = null, long after = 0, int limit = 100)
    {
        if (limit is < 1 or > PageMax) return Problems.Invalid("limit", $"limit is 1 to {PageMax}.");
        if (after < 0) return Problems.Invalid("after", "after is what the page before said as next.");
        PersonState? wanted = null;
        if (state is not null)
        {
            wanted = EnumNames.TryRead<PersonState>(state);
            if (wanted is null) return Problems.Invalid("state", "There is no such state.");
        }

        if (await Find(id, grains, patience) is null) return Unknown;
        var persons = await plans.Persons(id, wanted, after, limit, cancellation);
        var mayKnow = StaffAccount.Of(staff).May(Permission.SeeMembers);
        return TypedResults.Ok(new MessagePersonsResponse(
            [.. persons.Select(person => new MessagePersonResponse(mayKnow ? person.Member : MaskedNumber.Of(person.Member), person.State, person.Reason))],
            persons.Length == limit ? persons[^1].Row : null));
    }

    internal static async Task<Message?> Find(string id, IGrainFactory grains, Patience patience) =>
        CampaignId.IsValid(id) ? await patience.Repeat(grains.Message(id).Read) : null;

    internal static ProblemHttpResult Unknown => Problems.Refuse(404, "message-unknown", "There is no such message.");

    private static ProblemHttpResult LineIsSilent => Problems.Refuse(503, "line-unavailable", "LINE does not answer now. Try again later.");
}

/// <summary>Does something with a message, and answers with what it is then.</summary>
internal sealed class Acting(IGrainFactory grains, ISendPlans plans, CoopTime time)
{
    public async Task<Results<Ok<MessageResponse>, ProblemHttpResult>> Do(string id, Func<IMessageGrain, Task<MessageOutcome>> act)
    {
        if (!CampaignId.IsValid(id)) return MessageEndpoints.Unknown;
        var outcome = await OnConflict.Repeat(() => act(grains.Message(id)));
        return outcome is MessageOutcome.Done done
            ? TypedResults.Ok(MessageResponse.Of(done.Message, await plans.Count(id), time))
            : Refusal(outcome, time);
    }

    public static ProblemHttpResult Refusal(MessageOutcome outcome, CoopTime time) => outcome switch
    {
        MessageOutcome.Unknown => MessageEndpoints.Unknown,
        MessageOutcome.NotNow not => Problems.Refuse(
            409, "message-status", $"That cannot be done with a message that is {EnumNames.Of(not.Message.Status)}."),
        MessageOutcome.Changed changed => Problems.Refuse(
            409, "message-changed", $"Something changed: what is to be approved now has the hash {changed.Message.Hash}. Look at the preview again."),
        MessageOutcome.TooLate late => Problems.Refuse(
            409, "message-too-late",
            late.Message.Definition.SendAt is { } at
                ? $"It was to go out at {time.Local(at):yyyy-MM-dd HH:mm}, and was not approved by then. Give it another time."
                : "It waited for an approval for too long. Submit it again."),
        MessageOutcome.OwnWork => Problems.Refuse(403, "message-own-work", "Whoever wrote or submitted a message cannot approve it."),
        MessageOutcome.AtNight => Problems.Invalid("sendAt", "Nothing is sent at night, and no test. Only a notice of kind safety is."),
        _ => throw new UnreachableException(),
    };
}
