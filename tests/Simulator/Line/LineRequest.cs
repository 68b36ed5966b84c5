using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace CoopLine.Simulator.Line;

/// <summary>The body of a call, read once by <see cref="LinePipeline"/> and parsed as the endpoint needs it.</summary>
internal sealed partial record LineRequest(RecordedCall Call, string? ContentType)
{
    public static ValueTask<LineRequest?> BindAsync(HttpContext context) =>
        ValueTask.FromResult<LineRequest?>(
            new(context.Features.GetRequiredFeature<RecordedCall>(), context.Request.ContentType));

    /// <returns>Null and the object sent, or the refusal LINE answers when it is none.</returns>
    public IResult? Json(out JsonElement body)
    {
        body = default;
        if (ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) != true)
            return LineAnswer.Refuse(415, $"The content type, {ContentType}, is not supported");
        try
        {
            using var document = JsonDocument.Parse(Call.Bytes);
            body = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return NotJson();
        }
        return body.ValueKind == JsonValueKind.Object ? null : NotJson();
    }

    public Dictionary<string, StringValues> Form() => QueryHelpers.ParseQuery(Call.Body);

    public static bool IsUserId(string? id) => id is not null && UserId().IsMatch(id);

    private static IResult NotJson() =>
        LineAnswer.Refuse(400, "The request body could not be parsed as JSON (line: -, column: -)");

    [GeneratedRegex("^U[0-9a-f]{32}$")]
    private static partial Regex UserId();
}
