using System.Text;
using CoopLine.Grains;
using CoopLine.Grains.Line;
using CoopLine.Grains.Registry;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CoopLine.Silo.Hosting;

internal static class SettingsSetup
{
    extension(IServiceCollection services)
    {
        public void AddSettings()
        {
            services.AddOptions<SiteOptions>().BindConfiguration("CoopLine").ValidateDataAnnotations().ValidateOnStart();
            services.AddOptions<CoopOptions>().BindConfiguration("CoopLine:Coop").ValidateDataAnnotations().ValidateOnStart();
            services.AddOptions<LineOptions>().BindConfiguration("CoopLine:Line").ValidateDataAnnotations().ValidateOnStart();
            services.TryAddSingleton(TimeProvider.System);
            services.AddRegistryHash();
        }

        private void AddRegistryHash() => services.AddSingleton(provider => new RegistryHash(
            Encoding.UTF8.GetBytes(provider.GetRequiredService<IConfiguration>()["CoopLine:Registry:HashKey"]!)));
    }
}
