using System.Text.Json.Nodes;

namespace CoopLine.Simulator.Line;

/// <summary>Channel tokens, and the id tokens of LIFF pages.</summary>
/// <seealso href="https://developers.line.biz/en/reference/line-login/"/>
internal sealed class OAuthEndpoints(ChannelTokens channelTokens, IdTokens idTokens)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/oauth2/v3/token", IssueChannelToken).Is(LineCall.ChannelToken, needsChannelToken: false);
        routes.MapPost("/oauth2/v2.1/verify", VerifyIdToken).Is(LineCall.VerifyIdToken, needsChannelToken: false);
        routes.MapGet("/oauth2/v2.1/certs", () => LineAnswer.Json(idTokens.Certificates))
            .Is(LineCall.Certs, needsChannelToken: false);
    }

    private IResult IssueChannelToken(LineRequest request)
    {
        var form = request.Form();
        if (form.GetValueOrDefault("grant_type") != "client_credentials")
            return LineAnswer.RefuseOAuth("unsupported_grant_type", "grant_type must be client_credentials");
        string? client = form.GetValueOrDefault("client_id"), secret = form.GetValueOrDefault("client_secret");
        return channelTokens.Issue(client, secret) is { } token
            ? LineAnswer.Json(new JsonObject
            {
                ["token_type"] = "Bearer",
                ["access_token"] = token,
                ["expires_in"] = (int)ChannelTokens.Life.TotalSeconds,
            })
            : LineAnswer.RefuseOAuth("invalid_client", "client_id or client_secret is wrong");
    }

    private IResult VerifyIdToken(LineRequest request)
    {
        var form = request.Form();
        string? token = form.GetValueOrDefault("id_token"), audience = form.GetValueOrDefault("client_id");
        if (string.IsNullOrEmpty(token) || string.IsNullOrEmpty(audience))
            return LineAnswer.RefuseOAuth("invalid_request", "id_token and client_id must be specified");
        string? nonce = form.GetValueOrDefault("nonce"), userId = form.GetValueOrDefault("user_id");
        return idTokens.Verify(token, audience, nonce, userId) switch
        {
            IdTokenCheck.Valid valid => LineAnswer.Json(valid.Claims),
            IdTokenCheck.Invalid invalid => LineAnswer.RefuseOAuth("invalid_request", invalid.Description),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }
}
