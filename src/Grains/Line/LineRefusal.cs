using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CoopLine.Grains.Line;

/// <summary>
/// What LINE says when it does not do something: <c>message</c>, and in <c>details</c> which property of the body is wrong and why.
/// A refusal that is not LINE's, or cannot be read, says nothing.
/// </summary>
/// <param name="Message">LINE changes its texts: only what the status does not tell is looked for in them.</param>
/// <param name="Details">Each may lack either.</param>
/// <seealso href="https://developers.line.biz/en/reference/messaging-api/#error-responses"/>
internal sealed partial record LineRefusal(string? Message, ImmutableArray<LineRefusal.Detail> Details)
{
    public sealed record Detail(string? Property, string? Message);

    /// <summary>LINE says 429 to that and to too many calls alike; only the words differ.</summary>
    public bool IsMonthlyLimit => Message?.Contains("monthly limit", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>One line for each detail, or what LINE says of all when there are none.</summary>
    public ImmutableArray<string> Faults
    {
        get
        {
            ImmutableArray<string> details =
            [
                .. Details.Select(detail => string.Join(": ", new[] { detail.Property, detail.Message }.Where(text => text is { Length: > 0 })))
                    .Where(fault => fault.Length > 0),
            ];
            return details is [] && Message is { Length: > 0 } ? [Message] : details;
        }
    }

    public static async Task<LineRefusal> Read(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (await response.ReadObject(cancellation) is not { } answer) return new(null, []);
        var details = answer.Property("details") is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : default;
        return new(answer.Text("message"), [.. details.Select(one => new Detail(one.Text("property"), one.Text("message")))]);
    }

    /// <summary>
    /// Whether a recipient is what is wrong. LINE lists the property <c>to</c> or <c>to[n]</c> in the details, or names it in a
    /// message that has none: <c>The property, 'to[1]', in the request body is invalid (line: -, column: -)</c>.
    /// </summary>
    /// <param name="position">Counted from 0; null when LINE does not say which one.</param>
    public bool IsAboutRecipients(out int? position)
    {
        Match[] found =
        [
            .. Details.Select(detail => Recipient().Match(detail.Property ?? "")).Append(RecipientInWords().Match(Message ?? ""))
                .Where(match => match.Success),
        ];
        var number = found.Select(match => match.Groups["n"]).FirstOrDefault(group => group.Success);
        position = number is null ? null : int.Parse(number.Value, CultureInfo.InvariantCulture);
        return found.Length > 0;
    }

    [GeneratedRegex(@"^to(\[(?<n>[0-9]{1,3})\])?\z")]
    private static partial Regex Recipient();

    [GeneratedRegex(@"\bproperty, '?to(\[(?<n>[0-9]{1,3})\])?'?,")]
    private static partial Regex RecipientInWords();
}
