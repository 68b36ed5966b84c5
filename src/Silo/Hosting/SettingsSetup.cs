using System.Text;
using CoopLine.Grains;
using CoopLine.Grains.Line;
using CoopLine.Grains.Messages;
using CoopLine.Grains.Registry;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CoopLine.Silo.Hosting;

internal static class SettingsSetup
{
    extension(IServiceCollection services)
    {
        public void AddSettings()
        {
            services.AddOptions<MessageOptions>().BindConfiguration("CoopLine:Messages").ValidateDataAnnotations().ValidateOnStart();
            services.AddOptions<SiteOptions>().BindConfiguration("CoopLine").ValidateDataAnnotations().ValidateOnStart();
            services.AddOptions<CoopOptions>().BindConfiguration("CoopLine:Coop").ValidateDataAnnotations().ValidateOnStart();
            services.AddOptions<LineOptions>().BindConfiguration("CoopLine:Line").ValidateDataAnnotations().ValidateOnStart();
            services.AddSingleton(provider => new CoopTime(provider.GetRequiredService<IConfiguration>()[CoopTime.Setting]));
            services.TryAddSingleton(TimeProvider.System);
            services.AddRegistryHash();
        }

        private void AddRegistryHash()
        {
            services.AddSingleton(provider => Hash(provider.GetRequiredService<IConfiguration>()["CoopLine:Registry:HashKey"]!));
            services.AddSingleton(provider => new RegistryHashes(
                provider.GetRequiredService<RegistryHash>(),
                [
                    .. provider.GetRequiredService<IConfiguration>().GetSection(RegistryHashes.EarlierKeys).GetChildren()
                        .Select(key => key.Value).OfType<string>().Select(Hash),
                ]));

            static RegistryHash Hash(string key) => new(Encoding.UTF8.GetBytes(key));
        }
    }
}
