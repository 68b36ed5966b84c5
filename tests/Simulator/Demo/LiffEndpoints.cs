namespace CoopLine.Simulator.Demo;

/// <summary>
/// What <c>liff.line.me</c> and LIFF's SDK are to a page: the way to it, and the id token of who looks at it.
/// </summary>
internal sealed class LiffEndpoints(LineSimulator line)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/liff/sdk.js", () => DemoEndpoints.Page("liff.js"));
        routes.MapGet("/liff/login", () => DemoEndpoints.Page("login.html"));
        routes.MapGet("/liff/users", () => Results.Json(line.Phones.Select(phone => new { phone.UserId, phone.Name })));
        routes.MapGet("/liff/idtoken", IssueIdToken);
        routes.MapGet("/liff/{liffId}/{**rest}", Open);
    }

    private IResult IssueIdToken(HttpContext context, string user)
    {
        if (line.CoopLineUrl is { } coopLine)
            context.Response.Headers.AccessControlAllowOrigin = coopLine.GetLeftPart(UriPartial.Authority);
        return line.Find(user) is { } phone
            ? Results.Json(new { idToken = phone.IdToken(), phone.UserId, phone.Name })
            : Results.NotFound();
    }

    private IResult Open(string liffId, string? rest, HttpRequest request)
    {
        if (line.CoopLineUrl is not { } coopLine || liffId != line.Options.LiffId) return Results.NotFound();
        var path = rest is null ? "/coupons" : $"/coupons/{rest}";
        return Results.Redirect(new Uri(coopLine, path + request.QueryString).ToString());
    }
}
