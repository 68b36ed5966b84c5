using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CoopLine.Simulator.Line;

internal abstract record IdTokenCheck
{
    public sealed record Valid(JsonObject Claims) : IdTokenCheck;
    public sealed record Invalid(string Description) : IdTokenCheck;
}

/// <summary>Signs and verifies id tokens (JWT, ES256) with a key made at start.</summary>
internal sealed class IdTokens(TimeProvider clock) : IDisposable
{
    public const string Issuer = "https://access.line.me";
    public static readonly TimeSpan Life = TimeSpan.FromHours(1);

    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly string keyId = LineEvents.NewToken();

    public JsonObject Certificates
    {
        get
        {
            var point = key.ExportParameters(includePrivateParameters: false).Q;
            return new()
            {
                ["keys"] = new JsonArray(new JsonObject
                {
                    ["kty"] = "EC",
                    ["alg"] = "ES256",
                    ["use"] = "sig",
                    ["crv"] = "P-256",
                    ["kid"] = keyId,
                    ["x"] = Base64Url.EncodeToString(point.X!),
                    ["y"] = Base64Url.EncodeToString(point.Y!),
                }),
            };
        }
    }

    public string Issue(string userId, string name, string audience, TimeSpan life, string issuer, string? nonce)
    {
        var now = clock.GetUtcNow();
        var claims = new JsonObject
        {
            ["iss"] = issuer,
            ["sub"] = userId,
            ["aud"] = audience,
            ["exp"] = (now + life).ToUnixTimeSeconds(),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["amr"] = new JsonArray("linesso"),
            ["name"] = name,
        };
        if (nonce is not null) claims["nonce"] = nonce;
        var header = new JsonObject { ["typ"] = "JWT", ["alg"] = "ES256", ["kid"] = keyId };
        var signed = $"{Encode(header)}.{Encode(claims)}";
        var signature = key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    public IdTokenCheck Verify(string token, string audience, string? nonce, string? userId)
    {
        if (Read(token) is not { } claims) return new IdTokenCheck.Invalid("Invalid IdToken.");
        return ProblemOf(claims, audience, nonce, userId) is { } problem
            ? new IdTokenCheck.Invalid(problem)
            : new IdTokenCheck.Valid(claims);
    }

    public void Dispose() => key.Dispose();

    private string? ProblemOf(JsonObject claims, string audience, string? nonce, string? userId)
    {
        if ((string?)claims["iss"] != Issuer) return "Invalid IdToken Issuer.";
        if (clock.GetUtcNow().ToUnixTimeSeconds() >= (long)claims["exp"]!) return "IdToken expired.";
        if ((string?)claims["aud"] != audience) return "Invalid IdToken Audience.";
        if (nonce is not null && (string?)claims["nonce"] != nonce) return "Invalid IdToken Nonce.";
        if (userId is not null && (string?)claims["sub"] != userId) return "Invalid IdToken Subject Identifier.";
        return null;
    }

    private JsonObject? Read(string token)
    {
        if (token.Split('.') is not [var header, var payload, var signature]) return null;
        if (!Base64Url.IsValid(header) || !Base64Url.IsValid(payload) || !Base64Url.IsValid(signature)) return null;
        var signed = Encoding.ASCII.GetBytes($"{header}.{payload}");
        return key.VerifyData(signed, Base64Url.DecodeFromChars(signature), HashAlgorithmName.SHA256)
            ? JsonNode.Parse(Base64Url.DecodeFromChars(payload))!.AsObject()
            : null;
    }

    private static string Encode(JsonObject part) =>
        Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(part));
}
