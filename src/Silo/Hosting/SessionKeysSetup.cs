using CoopLine.Silo.Storage;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CoopLine.Silo.Hosting;

/// <summary>The keys that seal the coupon page's sessions, which outlive a restart and go from one process to another.</summary>
internal static class SessionKeysSetup
{
    extension(IServiceCollection services)
    {
        public void AddSessionKeys()
        {
            services.AddDataProtection();
            services.AddOptions<KeyManagementOptions>().Configure<IServiceProvider>((keys, provider) =>
                keys.XmlRepository = provider.GetRequiredService<IConfiguration>().IsPostgreSql
                    ? new PostgreSqlKeys(provider.GetRequiredService<NpgsqlDataSource>())
                    : new FileSystemXmlRepository(
                        provider.GetRequiredService<IOptions<StorageOptions>>().Value.MakeFolder().CreateSubdirectory("keys"),
                        provider.GetRequiredService<ILoggerFactory>()));
        }
    }
}
