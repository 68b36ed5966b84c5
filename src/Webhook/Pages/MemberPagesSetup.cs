using System.Text.Unicode;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CoopLine.Webhook.Pages;

public static class MemberPagesSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>What every page needs that members see.</summary>
        public void AddMemberPages()
        {
            services.AddRazorComponents();
            services.AddWebEncoders(html => html.TextEncoderSettings = new(UnicodeRanges.All)); // Japanese as it is
            services.AddDataProtection().SetApplicationName("CoopLine");
            services.AddOptions<MemberPageOptions>()
                .BindConfiguration("CoopLine").ValidateDataAnnotations().ValidateOnStart();
            services.TryAddSingleton(TimeProvider.System);
            services.AddSingleton<MemberClock>();
            services.AddSingleton<PageHeaders>();
        }
    }
}
