using System.Text;
using CoopLine.Grains;
using CoopLine.Grains.Line;
using CoopLine.Grains.Registry;

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
            services.TryAddTimeProvider();
            services.AddRegistryHash();
        }

        private void TryAddTimeProvider() =>
            Microsoft.Extensions.DependencyInjection.Extensions.ServiceCollectionDescriptorExtensions.TryAddSingleton(
                services, TimeProvider.System);

        private void AddRegistryHash() => services.AddSingleton(provider => new RegistryHash(
            Encoding.UTF8.GetBytes(provider.GetRequiredService<IConfiguration>()["CoopLine:Registry:HashKey"]!)));
    }
}
