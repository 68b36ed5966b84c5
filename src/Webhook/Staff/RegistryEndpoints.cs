using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Security.Claims;
using CoopLine.Grains;
using CoopLine.Grains.Registry;
using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace CoopLine.Webhook.Staff;

public static class RegistryEndpoints
{
    private static readonly FrozenSet<string> Parameters =
        FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "mode", "force", "dryRun", "charset");

    private const int BoundaryMaxLength = 70; // RFC 2046 5.1.1

    extension(IEndpointRouteBuilder routes)
    {
        /// <summary>
        /// <c>POST registry/imports?mode=full|delta&amp;force=true&amp;dryRun=true&amp;charset=Shift_JIS</c> with the CSV as
        /// the body (<c>text/csv</c>) or as the file of a form, of whatever size. With <c>Accept: text/csv</c> the answer is the
        /// rejected lines instead of the report.
        /// </summary>
        public RouteHandlerBuilder MapRegistry() => routes.MapPost("/registry/imports", Import)
            .Needs(Permission.ImportRegistry)
            .WithMetadata(new DisableRequestSizeLimitAttribute())
            .Accepts<Stream>(MediaTypes.Csv, "multipart/form-data")
            .Produces<RegistryImportResponse>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity);
    }

    private static async Task<Results<Ok<RegistryImportResponse>, ContentHttpResult, ProblemHttpResult>> Import(
        HttpRequest request,
        IRegistryImport import,
        IGrainFactory grains,
        ClaimsPrincipal staff,
        CancellationToken cancellation,
        string mode = "full",
        bool force = false,
        bool dryRun = false,
        string? charset = null)
    {
        ImportMode? asked = mode switch
        {
            "full" => ImportMode.Full,
            "delta" => ImportMode.Delta,
            _ => null,
        };
        if (asked is not { } known) return Refuse(400, "mode", "mode is full or delta.");
        // A parameter that is misspelt would be passed over: what was meant as a dry run would be applied.
        if (request.Query.Keys.FirstOrDefault(name => !Parameters.Contains(name)) is { } stranger)
            return Refuse(400, "parameter", $"There is no parameter {stranger}, but {string.Join(", ", Parameters)}.");
        if (force && !StaffAccount.Of(staff).May(Permission.ForceImport)) return Permissions.Refusal(Permission.ForceImport);
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !(type.IsCsv() || IsForm(type)))
            return Refuse(415, "media-type", "Send the file as text/csv or in a multipart/form-data form.");

        try
        {
            var (body, own) = type.IsCsv() ? (request.BodyReader, type) : await FileOf(request, type, cancellation);
            var said = charset ?? own?.Charset.Value;
            var encoding = said is null ? null : FileEncodings.Read(said);
            if (said is not null && encoding is null)
                return Refuse(415, "charset", "The file's charset is UTF-8 or Shift_JIS.");
            if (body is null || await IsEmpty(body, cancellation))
                return Refuse(400, "empty", "There is no file in the request.");
            using var csv = body.AsStream(leaveOpen: true);
            var report = await import.Run(csv, new(known, force, dryRun, encoding), progress: null, cancellation);
            // Those who left are unlinked now. Where that fails, the sweeper's next round does it.
            if (report.Outcome == ImportOutcome.Applied) grains.Sweeper.Sweep().Ignore();
            return WantsRejects(request) && report.Outcome is not ImportOutcome.AlreadyRunning
                ? TypedResults.Text(RejectedRow.Csv(report.RejectedRows), "text/csv; charset=utf-8", statusCode: StatusOf(report.Outcome))
                : Answer(report, TraceIds.Of(request.HttpContext));
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException)
        {
            return Refuse(400, "broken-off", "The request is no readable form or ends too early. Nothing was applied.");
        }
    }

    /// <summary>The lines that were rejected instead of the report: for whoever corrects them.</summary>
    private static bool WantsRejects(HttpRequest request) =>
        request.GetTypedHeaders().Accept is [var first, ..] && first.IsCsv();

    private static int StatusOf(ImportOutcome outcome) => outcome switch
    {
        ImportOutcome.Applied or ImportOutcome.WouldApply => StatusCodes.Status200OK,
        ImportOutcome.AlreadyRunning => StatusCodes.Status409Conflict,
        _ => StatusCodes.Status422UnprocessableEntity,
    };

    private static Results<Ok<RegistryImportResponse>, ContentHttpResult, ProblemHttpResult> Answer(ImportReport report, string traceId)
    {
        var answer = RegistryImportResponse.Of(report, traceId);
        return report.Outcome switch
        {
            ImportOutcome.Applied or ImportOutcome.WouldApply => TypedResults.Ok(answer),
            ImportOutcome.NotARegistry => Refuse(StatusOf(report.Outcome), "not-a-registry", report.Problem, answer),
            ImportOutcome.TooManyMissing => Refuse(StatusOf(report.Outcome), "too-many-missing", report.Problem, answer),
            ImportOutcome.TooManyRejected => Refuse(StatusOf(report.Outcome), "too-many-rejected", report.Problem, answer),
            ImportOutcome.AlreadyRunning => Refuse(StatusOf(report.Outcome), "already-running", report.Problem),
            _ => throw new UnreachableException(),
        };
    }

    private static ProblemHttpResult Refuse(
        int status, string reason, string? sentence, RegistryImportResponse? report = null) =>
        TypedResults.Problem(
            sentence,
            statusCode: status,
            type: $"{Problems.Urn}registry-import:{reason}",
            extensions: report is null ? null : [new("report", report)]);

    private static bool IsForm(MediaTypeHeaderValue type) =>
        type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
        && HeaderUtilities.RemoveQuotes(type.Boundary) is { Length: > 0 and <= BoundaryMaxLength };

    /// <summary>The form's first file and its type, if it has one; whatever else the form holds is passed over.</summary>
    private static async Task<(PipeReader? Body, MediaTypeHeaderValue? Type)> FileOf(
        HttpRequest request, MediaTypeHeaderValue type, CancellationToken cancellation)
    {
        var form = new MultipartReader(HeaderUtilities.RemoveQuotes(type.Boundary).ToString(), request.Body);
        while (await form.ReadNextSectionAsync(cancellation) is { } section)
        {
            if (section.GetContentDispositionHeader()?.IsFileDisposition() is not true) continue;
            return (PipeReader.Create(section.Body), MediaTypeHeaderValue.TryParse(section.ContentType, out var own) ? own : null);
        }

        return (null, null);
    }

    private static async ValueTask<bool> IsEmpty(PipeReader body, CancellationToken cancellation)
    {
        var read = await body.ReadAtLeastAsync(1, cancellation);
        var empty = read.Buffer.IsEmpty;
        body.AdvanceTo(read.Buffer.Start);
        return empty;
    }
}

/// <summary>What an import has done, or why it has done nothing.</summary>
/// <param name="Outcome"><c>applied</c>, <c>wouldApply</c> of a dry run, <c>notARegistry</c>, <c>tooManyMissing</c> or <c>tooManyRejected</c>.</param>
/// <param name="Repaired">Accepted rows in which a date or a phone was read that is not written as asked for.</param>
/// <param name="NotRegistered">What was not taken for anybody's phone or birth date.</param>
/// <param name="Missing">Members known before and absent from a full file.</param>
/// <param name="MissingNumbers">The first 1,000 of them.</param>
/// <param name="RejectedRows">The first 10,000 rejected rows.</param>
/// <param name="Changes">What the file would do to the registry; of a dry run only.</param>
/// <param name="TraceId">Names this import in logs and traces.</param>
public sealed record RegistryImportResponse(
    string Outcome,
    long Rows,
    long Accepted,
    long Rejected,
    long Repaired,
    NotRegistered NotRegistered,
    long Missing,
    ImmutableArray<string> MissingNumbers,
    ImmutableArray<RejectedRow> RejectedRows,
    ImportChanges? Changes,
    string TraceId)
{
    internal static RegistryImportResponse Of(ImportReport report, string traceId) => new(
        EnumNames.Of(report.Outcome),
        report.Rows,
        report.Accepted,
        report.Rejected,
        report.Repaired,
        report.NotRegistered,
        report.Missing,
        report.MissingNumbers,
        report.RejectedRows,
        report.Changes,
        traceId);
}
