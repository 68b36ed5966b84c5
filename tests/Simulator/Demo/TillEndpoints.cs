using System.Net.Http.Headers;

namespace CoopLine.Simulator.Demo;

/// <summary>The till's line to CoopLine: passes on what the page sends and adds the store's key.</summary>
internal sealed class TillEndpoints(LineSimulator line) : IDisposable
{
    private readonly HttpClient client = new();

    public void Map(IEndpointRouteBuilder routes) => routes.Map("/till/{store}/{**path}", Pass);

    public void Dispose() => client.Dispose();

    private async Task<IResult> Pass(HttpRequest request, string store, string path, CancellationToken gone)
    {
        if (line.CoopLineUrl is not { } coopLine || !line.Options.PosKeys.TryGetValue(store, out var key))
            return Results.NotFound();
        var address = new Uri(coopLine, $"/pos/v1/{path}{request.QueryString}");
        using var call = new HttpRequestMessage(new(request.Method), address);
        call.Headers.Authorization = new("Bearer", key);
        if (HttpMethods.IsPost(request.Method))
        {
            call.Content = new StreamContent(request.Body);
            call.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }
        try
        {
            using var answer = await client.SendAsync(call, gone);
            return Results.Content(
                await answer.Content.ReadAsStringAsync(gone), answer.Content.Headers.ContentType?.ToString(),
                statusCode: (int)answer.StatusCode);
        }
        catch (HttpRequestException unreachable)
        {
            return Results.Problem(unreachable.Message, statusCode: StatusCodes.Status502BadGateway,
                title: "CoopLineにつながりません");
        }
    }
}
