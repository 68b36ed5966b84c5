using Microsoft.Extensions.DependencyInjection;

namespace CoopLine.Webhook.Linking;

internal static class LinkingSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>What the link page needs besides the grains and what all members' pages need.</summary>
        public void AddLinking() => services.AddSingleton<LinkReplies>();
    }
}
