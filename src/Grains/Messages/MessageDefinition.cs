using System.Collections.Immutable;
using CoopLine.Grains.Accounts;
using CoopLine.Grains.Registry;

namespace CoopLine.Grains.Messages;

/// <summary>What is said to many, to whom, when, and for how much money at most.</summary>
/// <param name="Title">For staff; nobody else reads it.</param>
/// <param name="Linked">What linked members read; null: none of them gets it.</param>
/// <param name="Unlinked">What friends without a link read; null: none of them gets it.</param>
/// <param name="SendAt">Null: as soon as it is approved.</param>
/// <param name="Spread">Over how long the calls to LINE are spread; null: as many persons as there are decide.</param>
/// <param name="CeilingYen">Whole yen that it may cost beyond what the account's plan includes.</param>
[GenerateSerializer, Immutable, Alias("coopline.message-definition")]
public sealed record MessageDefinition(
    [property: Id(0)] string Title,
    [property: Id(1)] Topic Topic,
    [property: Id(2)] MessageKind Kind,
    [property: Id(3)] Audience Audience,
    [property: Id(4)] MessageContent? Linked,
    [property: Id(5)] MessageContent? Unlinked,
    [property: Id(6)] DateTimeOffset? SendAt,
    [property: Id(7)] TimeSpan? Spread,
    [property: Id(8)] int CeilingYen);

[GenerateSerializer, Alias("coopline.message-kind")]
public enum MessageKind
{
    Normal,

    /// <summary>A recall, a closed store: it also goes at night, and to whoever has had many already.</summary>
    Safety,
}

/// <summary>For whom a message is. What narrows it narrows the linked members; of friends without a link nothing else is known.</summary>
/// <param name="Linked">Only linked members, or only friends without a link; null: both.</param>
/// <param name="Businesses">Members with any of these services; null: whatever they have.</param>
/// <param name="Stores">Members whose home store is one of these; null: any or none.</param>
/// <param name="LinkedSince">Members whose link was made at this moment or later.</param>
/// <param name="Saved">Members whose coupons saved them money at a till on this day of the co-op.</param>
[GenerateSerializer, Immutable, Alias("coopline.message-audience")]
public sealed record Audience(
    [property: Id(0)] bool? Linked = null,
    [property: Id(1)] ImmutableArray<Business>? Businesses = null,
    [property: Id(2)] ImmutableArray<string>? Stores = null,
    [property: Id(3)] AudienceCoupon? Coupon = null,
    [property: Id(4)] DateTimeOffset? LinkedSince = null,
    [property: Id(5)] DateOnly? Saved = null)
{
    public bool Equals(Audience? other) =>
        other is not null && Linked == other.Linked && Coupon == other.Coupon && LinkedSince == other.LinkedSince && Saved == other.Saved
        && Lists.SameList(Businesses, other.Businesses) && Lists.SameList(Stores, other.Stores);

    public override int GetHashCode() => HashCode.Combine(Linked, Coupon, LinkedSince, Saved);
}

/// <summary>Members who have used their coupon of a campaign, or who have one and have not.</summary>
[GenerateSerializer, Immutable, Alias("coopline.message-audience-coupon")]
public sealed record AudienceCoupon([property: Id(0)] string Campaign, [property: Id(1)] bool Used);

/// <summary>What is read: a text with a button, or a card.</summary>
[GenerateSerializer, Immutable, Alias("coopline.message-content")]
public sealed record MessageContent([property: Id(0)] MessageText? Text, [property: Id(1)] MessageCard? Card)
{
    /// <summary>Whether it leaves this open (<see cref="Variables"/>).</summary>
    public bool Names(string variable)
    {
        var names = false;
        Rewrite(text =>
        {
            names |= text.Contains(variable, StringComparison.Ordinal);
            return text;
        });
        return names;
    }

    /// <summary>The same with each of its texts written anew.</summary>
    public MessageContent Rewrite(Func<string, string> write) => new(
        Text is { } text ? text with { Text = write(text.Text) } : null,
        Card is { } card
            ? card with { Title = write(card.Title), Lines = [.. card.Lines.Select(write)], AltText = write(card.AltText) }
            : null);
}

/// <param name="Text">What is said; also what a phone reads out.</param>
/// <param name="Button">Null: none.</param>
[GenerateSerializer, Immutable, Alias("coopline.message-text")]
public sealed record MessageText([property: Id(0)] string Text, [property: Id(1)] MessageButton? Button);

/// <param name="Uri">An https address.</param>
[GenerateSerializer, Immutable, Alias("coopline.message-button")]
public sealed record MessageButton([property: Id(0)] string Label, [property: Id(1)] string Uri);

/// <param name="Picture">An https address; null: none.</param>
/// <param name="Lines">At most two, below the title.</param>
/// <param name="AltText">What is read out, and what the list of chats shows.</param>
/// <param name="Button">Null on a card of a coupon.</param>
/// <param name="Coupon">Campaign of the coupon at which the button opens the coupon page; null: the card is of none.</param>
[GenerateSerializer, Immutable, Alias("coopline.message-card")]
public sealed record MessageCard(
    [property: Id(0)] string? Picture,
    [property: Id(1)] string Title,
    [property: Id(2)] ImmutableArray<string> Lines,
    [property: Id(3)] string AltText,
    [property: Id(4)] MessageButton? Button,
    [property: Id(5)] string? Coupon)
{
    public bool Equals(MessageCard? other) =>
        other is not null && Picture == other.Picture && Title == other.Title && Lines.AsSpan().SequenceEqual(other.Lines.AsSpan())
        && AltText == other.AltText && Button == other.Button && Coupon == other.Coupon;

    public override int GetHashCode() => HashCode.Combine(Picture, Title, AltText, Button, Coupon);
}
