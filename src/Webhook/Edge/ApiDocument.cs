using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace CoopLine.Webhook.Edge;

/// <summary>What the OpenAPI document says beyond the endpoints' own words.</summary>
internal static class ApiDocument
{
    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new()
            {
                Title = "CoopLine",
                Version = "v1",
                Description = "Coupons at the register, and the counter's tools. Errors are RFC 9457 problem details "
                    + "with a `traceId`. Money is whole yen.",
            };
            document.Components ??= new();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [Pos.TillAuthentication.Policy] = Bearer("Key of one store's tills (`CoopLine:Pos:Keys`)."),
                [Staff.StaffAuthentication.Policy] = Bearer("Key of a member of staff (`CoopLine:Staff:ApiKeys`)."),
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            var policies = context.Description.ActionDescriptor.EndpointMetadata.OfType<IAuthorizeData>()
                .Select(authorize => authorize.Policy).OfType<string>();
            foreach (var policy in policies)
                (operation.Security ??= []).Add(new() { [new(policy, context.Document)] = [] });
            return Task.CompletedTask;
        });
    }

    private static OpenApiSecurityScheme Bearer(string description) =>
        new() { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = description };
}
