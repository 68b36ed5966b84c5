using CoopLine.Grains.Line;
using Microsoft.Extensions.Options;

namespace CoopLine.Silo.RichMenus;

internal static class RichMenusSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Needs the settings of LINE and its client.</summary>
        public void AddRichMenus()
        {
            services.AddHttpClient<RichMenuClient>((provider, http) =>
                http.Timeout = provider.GetRequiredService<IOptions<LineOptions>>().Value.Timeout)
                .SpeaksToLine(RichMenuClient.AnswerLimitBytes);
            services.AddSingleton<RichMenuPublisher>();
        }
    }
}
