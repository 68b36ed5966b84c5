using System.Text.Unicode;
using CoopLine.Webhook.Coupons;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CoopLine.Webhook.Pages;

public static class MemberPagesSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>What the link page and the coupon page need besides the grains and the LINE client.</summary>
        public IServiceCollection AddMemberPages()
        {
            services.AddRazorComponents();
            services.AddWebEncoders(html => html.TextEncoderSettings = new(UnicodeRanges.All)); // Japanese as it is
            services.AddDataProtection().SetApplicationName("CoopLine");
            services.AddOptions<MemberPageOptions>()
                .BindConfiguration("CoopLine").ValidateDataAnnotations().ValidateOnStart();
            services.TryAddSingleton(TimeProvider.System);
            services.AddSingleton<MemberClock>();
            services.AddSingleton<PageHeaders>();
            services.AddSingleton<CouponSentences>();
            services.AddSingleton<CouponSessions>();
            services.AddSingleton<CodeEvents>();
            services.AddAuthentication().AddScheme<LineSignInOptions, LineSignIn>(LineSignIn.Scheme, null);
            services.AddAuthorizationBuilder().AddPolicy(LineSignIn.Scheme, policy => policy
                .AddAuthenticationSchemes(LineSignIn.Scheme).RequireAuthenticatedUser());
            return services;
        }
    }
}
