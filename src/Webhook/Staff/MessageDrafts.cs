using CoopLine.Grains;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Messages;
using CoopLine.Webhook.Edge;
using CoopLine.Webhook.Pages;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Staff;

/// <summary>Makes a request a definition: the stores, coupons and hosts that it names are there, and its coupons are written out.</summary>
internal sealed class MessageDrafts(
    IGrainFactory grains, Patience patience, CoopTime time, IOptions<SiteOptions> site, IOptions<MemberPageOptions> pages)
{
    /// <returns>One of the two.</returns>
    public async Task<(MessageDefinition? Definition, ProblemHttpResult? Fault)> Read(MessageRequest request)
    {
        var draft = request.ToDefinition();
        if (draft.Audience.Stores?.FirstOrDefault(store => !site.Value.IsStore(store)) is { } store)
            return (null, Problems.Invalid("audience.stores", $"There is no store {store} in CoopLine:Stores."));
        if (draft.Audience.Coupon is { Campaign: var used } && await Campaign(used) is null)
            return (null, Problems.Invalid("audience.coupon.campaign", $"There is no campaign {used}."));
        if (draft.Unlinked?.Names(Variables.Store) == true)
            return (null, Problems.Invalid("variants.unlinked", "Of friends without a link no store is known."));

        if (draft.Linked?.Names(Variables.Saved) == true || draft.Unlinked?.Names(Variables.Saved) == true)
            return (null, Problems.Invalid("variants", $"Only the message that goes out by itself names {Variables.Saved}."));

        var (linked, fault) = await Written("linked", draft.Linked);
        if (fault is not null) return (null, fault);
        (var unlinked, fault) = await Written("unlinked", draft.Unlinked);
        return fault is null ? (draft with { Linked = linked, Unlinked = unlinked }, null) : (null, fault);
    }

    private async Task<(MessageContent? Content, ProblemHttpResult? Fault)> Written(string variant, MessageContent? content)
    {
        if (PictureAddress.ObjectionTo(content?.Card?.Picture, $"variants.{variant}.card.picture", pages.Value) is { } elsewhere) return (null, elsewhere);
        if (content?.Card?.Coupon is { } coupon)
        {
            return await Campaign(coupon) is { } campaign
                ? (Variables.WithCoupon(content, campaign.Definition, time), null)
                : (null, Problems.Invalid($"variants.{variant}.card.coupon", $"There is no campaign {coupon}."));
        }

        return content is not null && (content.Names(Variables.Coupon) || content.Names(Variables.Until))
            ? (null, Problems.Invalid($"variants.{variant}", $"Only the card of a coupon names {Variables.Coupon} and {Variables.Until}."))
            : (content, null);
    }

    private Task<Campaign?> Campaign(string id) => patience.Repeat(grains.Campaign(id).Read);
}
