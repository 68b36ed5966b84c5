using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using System.Globalization;
using System.Security.Claims;
using System.Text.Json.Serialization;
using CoopLine.Grains;
using CoopLine.Grains.Accounts;
using CoopLine.Grains.Messages;
using CoopLine.Webhook.Edge;
using CoopLine.Webhook.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Staff;

/// <summary>Messages that go out by themselves, once a rule is turned on by somebody else than its author.</summary>
internal static class AutomaticMessageEndpoints
{
    extension(IEndpointRouteBuilder staff)
    {
        public void MapAutomaticMessages()
        {
            var rule = staff.MapGroup("/automatic-messages/{reason}").ProducesProblem(StatusCodes.Status404NotFound);
            rule.MapGet("/", Read)
                .Needs(Permission.SeeCampaigns)
                .WithSummary("The rule, and whether it is on.")
                .WithDescription($"`reason` is one of {string.Join(", ", EnumNames.All<AutomaticReason>())}.");
            rule.MapPut("/", Define)
                .Needs(Permission.WriteCampaigns)
                .WithSummary("Define the rule anew; it is off until somebody else turns it on.");
            rule.MapPost("/on", TurnOn)
                .Needs(Permission.Approve)
                .WithSummary("Turn on exactly what was seen. 403: whoever wrote it cannot.")
                .ProducesProblem(StatusCodes.Status403Forbidden)
                .ProducesProblem(StatusCodes.Status409Conflict);
            rule.MapPost("/off", TurnOff)
                .Needs(Permission.Stop)
                .WithSummary("Define no further message. What is defined is paused or stopped as any message.");
        }
    }

    private static async Task<Results<Ok<AutomaticMessageResponse>, ProblemHttpResult>> Read(
        string reason, IGrainFactory grains, Patience patience, CoopTime time) =>
        EnumNames.TryRead<AutomaticReason>(reason) is { } known && await patience.Repeat(grains.AutomaticMessage(known).Read) is { } message
            ? TypedResults.Ok(AutomaticMessageResponse.Of(message, time))
            : Unknown;

    private static async Task<Results<Ok<AutomaticMessageResponse>, ProblemHttpResult>> Define(
        string reason, [FromBody] AutomaticMessageRequest request, ClaimsPrincipal staff, IGrainFactory grains, CoopTime time,
        IOptions<MemberPageOptions> pages, IOptions<CoopOptions> coop)
    {
        if (EnumNames.TryRead<AutomaticReason>(reason) is not { } known) return Unknown;
        if (PictureAddress.ObjectionTo(request.Content!.Card?.Picture, "content.card.picture", pages.Value) is { } elsewhere) return elsewhere;
        if (request.FaultFor(known, coop.Value) is { } fault) return Problems.Invalid(fault.Field, fault.Why);
        return Answer(await OnConflict.Repeat(() => grains.AutomaticMessage(known).Define(request.ToRule(known), staff.KeyOwner)), time);
    }

    private static async Task<Results<Ok<AutomaticMessageResponse>, ProblemHttpResult>> TurnOn(
        string reason, [FromBody] TurnOnRequest request, ClaimsPrincipal staff, IGrainFactory grains, CoopTime time) =>
        EnumNames.TryRead<AutomaticReason>(reason) is { } known
            ? Answer(await OnConflict.Repeat(() => grains.AutomaticMessage(known).TurnOn(request.Hash!, staff.KeyOwner)), time)
            : Unknown;

    private static async Task<Results<Ok<AutomaticMessageResponse>, ProblemHttpResult>> TurnOff(
        string reason, ClaimsPrincipal staff, IGrainFactory grains, CoopTime time) =>
        EnumNames.TryRead<AutomaticReason>(reason) is { } known
            ? Answer(await OnConflict.Repeat(() => grains.AutomaticMessage(known).TurnOff(staff.KeyOwner)), time)
            : Unknown;

    private static Results<Ok<AutomaticMessageResponse>, ProblemHttpResult> Answer(AutomaticOutcome outcome, CoopTime time) => outcome switch
    {
        AutomaticOutcome.Done done => TypedResults.Ok(AutomaticMessageResponse.Of(done.Message, time)),
        AutomaticOutcome.Unknown => Unknown,
        AutomaticOutcome.Changed changed => Problems.Refuse(
            409, "message-changed", $"Something changed: what is to be approved now has the hash {changed.Message.Hash}."),
        AutomaticOutcome.OwnWork => Problems.Refuse(403, "message-own-work", "Whoever wrote a rule cannot turn it on."),
        AutomaticOutcome.AtNight => Problems.Invalid("at", "Nothing is sent at night."),
        _ => throw new UnreachableException(),
    };

    private static ProblemHttpResult Unknown => Problems.Refuse(404, "message-unknown", "There is no such rule.");
}

/// <summary>When a message goes out by itself, and what it says.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record AutomaticMessageRequest : IValidatableObject
{
    /// <summary>In the co-op's time, <c>10:00</c>.</summary>
    [Required, RegularExpression("([01][0-9]|2[0-3]):[0-5][0-9]")]
    public string? At { get; init; }

    /// <summary>How many days before a coupon's last one, 0 to 30; for <c>couponEnds</c> only.</summary>
    [Range(0, 30)]
    public int? DaysBefore { get; init; }

    /// <summary><c>store</c>, <c>home</c> or <c>notice</c>; absent for <c>saved</c>, which has its own.</summary>
    [AllowedValues("store", "home", "notice", null, ErrorMessage = "topic is store, home or notice.")]
    public string? Topic { get; init; }

    /// <summary>What members read. A card about a coupon names none: it opens the one that it is about.</summary>
    [Required]
    public ContentBody? Content { get; init; }

    /// <summary>Whole yen that each message may cost at most beyond the plan's own messages, 0 to 100,000,000.</summary>
    [Required, Range(0, 100_000_000)]
    public int? CeilingYen { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Content?.Card?.Coupon is not null) yield return new("A rule is about no coupon of its own.", [nameof(Content)]);
    }

    internal (string Field, string Why)? FaultFor(AutomaticReason reason, CoopOptions coop)
    {
        var isOfCoupon = reason != AutomaticReason.Saved;
        var content = Content!.ToContent();
        return reason switch
        {
            AutomaticReason.CouponEnds when DaysBefore is null => ("daysBefore", "Say how many days before a coupon's last."),
            not AutomaticReason.CouponEnds when DaysBefore is not null => ("daysBefore", "Only couponEnds has days before."),
            AutomaticReason.Saved when !coop.TellsSavings => ("reason", "Friends are not offered this topic: CoopLine:Coop:TellsSavings."),
            AutomaticReason.Saved when Topic is not null => ("topic", "saved has a topic of its own."),
            _ when isOfCoupon && Topic is null => ("topic", "topic is store, home or notice."),
            _ when isOfCoupon && Content.Card?.Button is not null => ("content.card.button", "The button of a coupon's card opens the coupon."),
            _ when isOfCoupon && content.Names(Variables.Saved) => ("content", $"Only saved names {Variables.Saved}."),
            _ when !isOfCoupon && (content.Names(Variables.Coupon) || content.Names(Variables.Until)) => ("content", "saved is about no coupon."),
            _ => null,
        };
    }

    internal AutomaticRule ToRule(AutomaticReason reason) => new(
        TimeOnly.ParseExact(At!, "HH:mm", CultureInfo.InvariantCulture), DaysBefore ?? 0,
        reason == AutomaticReason.Saved ? Grains.Accounts.Topic.Saved : TopicNames.Read(Topic!)!.Value, Content!.ToContent(), CeilingYen!.Value);
}

/// <summary>What the approver has seen.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record TurnOnRequest
{
    [Required, StringLength(64)]
    public string? Hash { get; init; }
}

/// <param name="Hash">What to approve.</param>
/// <param name="TurnedOn">By whom and when; null while it is off.</param>
public sealed record AutomaticMessageResponse(
    bool On, string Hash, string Author, ReviewResponse? TurnedOn, string At, int DaysBefore, string Topic, ContentBody Content, int CeilingYen)
{
    internal static AutomaticMessageResponse Of(AutomaticMessage message, CoopTime time) => new(
        message.On is not null, message.Hash, message.Author, ReviewResponse.Of(message.On, time),
        message.Rule.At.ToString("HH:mm", CultureInfo.InvariantCulture), message.Rule.DaysBefore, TopicNames.Write(message.Rule.Topic),
        ContentBody.Of(message.Rule.Content)!, message.Rule.CeilingYen);
}
