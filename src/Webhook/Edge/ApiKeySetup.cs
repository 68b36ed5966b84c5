using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CoopLine.Webhook.Edge;

internal static class ApiKeySetup
{
    extension(IServiceCollection services)
    {
        /// <summary>A scheme and a policy, both of this name; bad keys stop the start.</summary>
        /// <param name="shortest">How many characters a key has at least.</param>
        /// <param name="also">What else the policy asks for.</param>
        public void AddApiKeys(
            string name, IConfigurationSection owners, Func<string, string?> objection, int shortest = 1, params IAuthorizationRequirement[] also)
        {
            services.AddAuthentication()
                .AddScheme<ApiKeyOptions, ApiKeyAuthentication>(
                    name, options => options.Keys = ApiKeys.Read(owners, objection, shortest));
            services.AddAuthorizationBuilder()
                .AddPolicy(name, policy => policy.AddAuthenticationSchemes(name).RequireAuthenticatedUser().AddRequirements(also));
            services.AddOptions<ApiKeyOptions>(name).ValidateOnStart();
        }
    }
}

internal static class Caller
{
    extension(ClaimsPrincipal caller)
    {
        /// <summary>Whose key it is, or who has signed in: a store, or a name of the staff.</summary>
        public string KeyOwner => caller.Identity?.Name ?? throw new InvalidOperationException("The caller has no name.");
    }
}
