using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace CoopLine.Silo.Storage;

/// <summary>Where everything that must survive is kept.</summary>
internal static class StorageSetup
{
    extension(ISiloBuilder silo)
    {
        /// <summary>Grain states in SQLite, and what is read from them: ledger, campaigns, unfinished work.</summary>
        public ISiloBuilder AddStorage()
        {
            silo.Services.AddSqlite();
            silo.AddAdoNetGrainStorage(StateNames.Storage, (OptionsBuilder<AdoNetGrainStorageOptions> options) =>
                options.Configure<SqliteDataSource>((adoNet, database) =>
                {
                    adoNet.Invariant = "System.Data.SQLite"; // the provider's name for Microsoft.Data.Sqlite
                    adoNet.DataSource = database;
                    adoNet.GrainStorageSerializer = new StateJsonSerializer(StateJson.Options);
                }));
            return silo;
        }
    }

    extension(IServiceCollection services)
    {
        /// <summary>The database and its readers, without grains. Whoever asks for the database finds it migrated.</summary>
        public IServiceCollection AddSqlite()
        {
            services.AddOptions<StorageOptions>()
                .BindConfiguration("CoopLine")
                .ValidateDataAnnotations()
                .ValidateOnStart();
            services.AddSingleton(provider =>
            {
                var options = provider.GetRequiredService<IOptions<StorageOptions>>().Value;
                options.MakeFolder();
                var database = new SqliteDataSource(options.DatabaseFile, provider.GetRequiredService<TimeProvider>());
                Migrations.Apply(database, provider.GetRequiredService<ILoggerFactory>());
                return database;
            });
            services.AddSingleton<ILedger, SqliteLedger>();
            services.AddSingleton<ICampaignReader, SqliteCampaigns>();
            services.AddSingleton<IUnfinishedWork, SqliteUnfinishedWork>();
            return services;
        }
    }
}
