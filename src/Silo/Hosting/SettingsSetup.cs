using System.Text;
using CoopLine.Grains;
using CoopLine.Grains.Line;
using CoopLine.Grains.Registry;
using CoopLine.Silo.Storage;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

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
            // Sessions of the coupon page outlive a restart.
            services.AddDataProtection();
            services.AddOptions<KeyManagementOptions>().Configure<IOptions<StorageOptions>, ILoggerFactory>(
                (keys, storage, logs) => keys.XmlRepository = new FileSystemXmlRepository(
                    storage.Value.MakeFolder().CreateSubdirectory("keys"), logs));
        }

        private void AddRegistryHash() => services.AddSingleton(provider => new RegistryHash(
            Encoding.UTF8.GetBytes(provider.GetRequiredService<IConfiguration>()["CoopLine:Registry:HashKey"]!)));
    }
}
