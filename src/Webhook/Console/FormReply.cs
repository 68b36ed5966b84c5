using System.Text.Json;
using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;

namespace CoopLine.Webhook.Console;

/// <summary>
/// What the page says after a form was sent. The answer to a POST is a redirect to a page that has this, sealed, in its address, so that a
/// reload sends nothing again.
/// </summary>
/// <param name="Said">The name of a sentence: what was done. Null when something is wrong.</param>
/// <param name="Faults">By field, the names of the sentences.</param>
/// <param name="Typed">What was typed, to show it again; no secrets.</param>
/// <param name="Link">A one-time link, which is shown this once.</param>
public sealed record FormReply(
    string? Said, IReadOnlyDictionary<string, string> Faults, IReadOnlyDictionary<string, string> Typed, string? Link = null)
{
    public static readonly FormReply None = new(null, new Dictionary<string, string>(), new Dictionary<string, string>());

    public static FormReply Done(string said, string? link = null) => None with { Said = said, Link = link };

    public static FormReply Wrong(string field, string fault) => None with { Faults = new Dictionary<string, string> { [field] = fault } };

    public FormReply With(IFormCollection form, params IEnumerable<string> fields) =>
        this with { Typed = fields.ToDictionary(field => field, field => form[field].ToString() is { Length: <= 500 } text ? text : "") };

    // A record prints its values, and there may be a link in it.
    public override string ToString() => nameof(FormReply);
}

/// <summary>Sends replies to the page that they are for, and finds them there.</summary>
internal sealed class FormReplies(Seals seals)
{
    private const string Query = "said";

    private static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    /// <param name="page">A path of ours, perhaps with a query.</param>
    public StatusCodeHttpResult SeeOther(HttpContext http, string page, FormReply reply) => http.Response.SeeOther(QueryHelpers.AddQueryString(
        page, Query, seals.Seal(Purpose(Uri.UnescapeDataString(page.Split('?')[0])), JsonSerializer.Serialize(reply), Life)));

    public FormReply Of(HttpContext http) =>
        seals.Open(Purpose(http.Request.Path.Value), http.Request.Query[Query]) is { } text && JsonSerializer.Deserialize<FormReply>(text) is { } reply
            ? reply
            : FormReply.None;

    // Of one page only: the sentence of another would make no sense there.
    private static string Purpose(string? page) => $"{Seals.Reply} {page}";
}
