using Microsoft.Extensions.DependencyInjection;

namespace CoopLine.Webhook.Coupons;

internal static class CouponsSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>What the coupon page needs besides the grains, the LINE client and what all members' pages need.</summary>
        public void AddCoupons()
        {
            services.AddSingleton<CouponSentences>();
            services.AddSingleton<CouponSessions>();
            services.AddSingleton<CodeEvents>();
            services.AddSingleton<StockEvents>();
            services.AddHostedService(provider => provider.GetRequiredService<StockEvents>());
            services.AddAuthentication().AddScheme<LineSignInOptions, LineSignIn>(LineSignIn.Scheme, null);
            services.AddAuthorizationBuilder().AddPolicy(LineSignIn.Scheme, policy => policy
                .AddAuthenticationSchemes(LineSignIn.Scheme).RequireAuthenticatedUser());
        }
    }
}
