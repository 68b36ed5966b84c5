using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using System.Text.RegularExpressions;
using CoopLine.Grains.Tracing;
using CoopLine.Webhook.Console;
using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CoopLine.Webhook.Ops;

/// <summary>The operators' pages: what is going on now, and what happened to one receipt, member, campaign or trace.</summary>
internal static partial class OpsEndpoints
{
    private const int LooksMax = 120;

    private static readonly TimeSpan LooksEvery = TimeSpan.FromSeconds(5);

    extension(IEndpointRouteBuilder pages)
    {
        public void MapPages()
        {
            pages.MapGet("", IResult () => new RazorComponentResult<OpsNowPage>());
            pages.MapGet("/events", Events).WithMetadata(AsksByItself.Metadata);
            pages.MapGet("/search", Find);
            pages.MapGet("/traces/{id}", Trace);
        }
    }

    private static async Task<IResult> Find(string? q, string? refused, string? until, Search search)
    {
        var typed = q?.Trim() ?? "";
        if (TraceId().IsMatch(typed)) return TypedResults.Redirect("/ops/traces/" + typed.ToLowerInvariant());
        var asked = new Asked(typed, refused is not null, InstantAttribute.TryParse(until ?? "", out var before) ? before : null);
        var found = typed is "" ? null : await search.Find(asked);
        return found is { Traces: [var only], Member: null, Story: [] }
            ? TypedResults.Redirect("/ops/traces/" + only)
            : new RazorComponentResult<OpsSearchPage>(new { Asked = asked, Found = found });
    }

    private static async Task<IResult> Trace(string id, Search search, RecentSpans spans)
    {
        if (!TraceId().IsMatch(id)) return Problems.Invalid("id", "A trace id has 32 hexadecimal digits.");
        var trace = id.ToLowerInvariant();
        return new RazorComponentResult<OpsTracePage>(
            new { Id = trace, Story = await search.OfTrace(trace), Spans = await spans.OfTrace(trace) });
    }

    /// <summary>The panel as HTML, again and again, as long as who looks is signed in. After ten minutes this ends, and the page connects again with its cookie.</summary>
    private static ServerSentEventsResult<string> Events(
        ClaimsPrincipal who, StaffSessions sessions, IServiceScopeFactory scopes, ILoggerFactory logs, IHostApplicationLifetime lifetime, CancellationToken left)
    {
        return TypedResults.ServerSentEvents(Panels(left));

        async IAsyncEnumerable<SseItem<string>> Panels([EnumeratorCancellation] CancellationToken gone)
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(gone, lifetime.ApplicationStopping);
            using var looks = new PeriodicTimer(LooksEvery);
            for (var look = 0; look < LooksMax && !end.IsCancellationRequested && await sessions.Stands(who); look++)
            {
                yield return new(await Panel());
                try
                {
                    await looks.WaitForNextTickAsync(end.Token);
                }
                catch (OperationCanceledException)
                {
                    yield break;
                }
            }
        }

        // A renderer keeps what it has rendered until it is disposed of: each panel has one of its own.
        async Task<string> Panel()
        {
            await using var scope = scopes.CreateAsyncScope();
            await using var renderer = new HtmlRenderer(scope.ServiceProvider, logs);
            return await renderer.Dispatcher.InvokeAsync(
                async () => (await renderer.RenderComponentAsync<OpsNow>(ParameterView.Empty)).ToHtmlString());
        }
    }

    [GeneratedRegex(@"^[0-9a-fA-F]{32}\z")]
    private static partial Regex TraceId();
}
