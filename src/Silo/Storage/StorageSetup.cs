using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Members;
using CoopLine.Grains.Messages;
using CoopLine.Grains.Redemptions;
using CoopLine.Grains.Storage;
using CoopLine.Silo.Storage.Forgetting;
using CoopLine.Silo.Storage.GroupCommit;
using CoopLine.Silo.Storage.Sending;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using Orleans.Runtime.Hosting;

namespace CoopLine.Silo.Storage;

/// <summary>Where everything that must survive is kept.</summary>
internal static class StorageSetup
{
    public const string ConnectionString = "CoopLine";

    extension(ISiloBuilder silo)
    {
        /// <summary>Grain states, and what is read from them: ledger, campaigns, unfinished work.</summary>
        public ISiloBuilder AddStorage()
        {
            silo.Services.AddDatabase();
            silo.Services.AddSendingAndErasing();
            silo.Services.AddOptions<AdoNetGrainStorageOptions>(StateNames.Storage)
                .Configure<Database>((adoNet, database) =>
                {
                    adoNet.Invariant = database.Invariant;
                    adoNet.DataSource = database.OfProvider;
                    adoNet.GrainStorageSerializer = new StateJsonSerializer(StateJson.Options);
                });
            var together = silo.Configuration.GetValue("CoopLine:Storage:GroupCommit", true);
            silo.Services.AddSingleton(new WriteGuard(together));
            if (together) silo.Services.AddGrainStorage(
                StateNames.Storage, (provider, _) => ActivatorUtilities.CreateInstance<GroupCommitStorage>(provider));
            else silo.AddAdoNetGrainStorage(StateNames.Storage, (AdoNetGrainStorageOptions _) => { });
            return silo;
        }
    }

    extension(IServiceCollection services)
    {
        /// <summary>
        /// The database and its readers, without grains. Whoever asks for a SQLite database finds it migrated; a PostgreSQL
        /// database is checked (<see cref="SchemaException"/>).
        /// </summary>
        public IServiceCollection AddDatabase()
        {
            services.AddOptions<StorageOptions>()
                .BindConfiguration("CoopLine")
                .ValidateDataAnnotations()
                .ValidateOnStart();
            services.AddSingleton(provider =>
            {
                var options = provider.GetRequiredService<IOptions<StorageOptions>>().Value;
                options.MakeFolder();
                var source = new SqliteDataSource(options.DatabaseFile, provider.GetRequiredService<TimeProvider>());
                SqliteMigrations.Apply(source, provider.GetRequiredService<ILoggerFactory>());
                return source;
            });
            services.AddSingleton(provider =>
            {
                var connection = provider.GetRequiredService<IConfiguration>().GetConnectionString(ConnectionString)!;
                var source = PostgreSqlDatabase.Connect(connection, provider.GetRequiredService<ILoggerFactory>());
                PostgreSqlMigrations.Check(source);
                return source;
            });
            services.AddKeyedSingleton(PostgreSqlDatabase.Unprepared, (provider, _) => PostgreSqlDatabase.Connect(
                provider.GetRequiredService<IConfiguration>().GetConnectionString(ConnectionString) + PostgreSqlDatabase.Unprepared,
                provider.GetRequiredService<ILoggerFactory>()));
            services.AddSingleton<Database>(
                provider => provider.GetRequiredService<IOptions<StorageOptions>>().Value.Storage.Provider switch
                {
                    StorageProvider.PostgreSql => new PostgreSqlDatabase(
                        provider.GetRequiredService<NpgsqlDataSource>(),
                        provider.GetRequiredKeyedService<NpgsqlDataSource>(PostgreSqlDatabase.Unprepared)),
                    _ => new SqliteDatabase(provider.GetRequiredService<SqliteDataSource>()),
                });
            services.AddSingleton<IStateTable>(provider => provider.GetRequiredService<Database>() switch
            {
                PostgreSqlDatabase postgreSql => ActivatorUtilities.CreateInstance<PostgreSqlStateTable>(provider, postgreSql),
                _ => ActivatorUtilities.CreateInstance<SqliteStateTable>(provider),
            });
            services.AddSingleton<StateReader>();
            services.AddSingleton<IStateReader>(provider => provider.GetRequiredService<StateReader>());
            services.AddSingleton<ILedger, Ledger>();
            services.AddSingleton<ICampaignReader, CampaignReader>();
            services.AddSingleton<ICampaignCounts, CampaignCounts>();
            services.AddSingleton<ICampaignLists, CampaignLists>();
            services.AddSingleton<Baskets>();
            services.AddSingleton<IBaskets>(provider => provider.GetRequiredService<Baskets>());
            services.AddSingleton<IUnfinishedWork, UnfinishedWork>();
            return services;
        }

        /// <summary>Messages to many, and erasing people: for the service, not for commands at the console. Needs the database and what Grains and Registry bring.</summary>
        public void AddSendingAndErasing()
        {
            services.AddSingleton<IErasures, Erasures>();
            services.AddSingleton<Audiences>();
            services.AddSingleton<PlanWriter>(provider => provider.GetRequiredService<Database>() switch
            {
                PostgreSqlDatabase postgreSql => new PostgreSqlPlanWriter(postgreSql),
                var sqlite => new SqlitePlanWriter(sqlite),
            });
            services.AddSingleton<ISendPlans, SendPlans>();
            services.AddSingleton<ISendBlocks, SendBlocks>();
            services.AddSingleton<ISendMonth, SendMonth>();
            services.AddSingleton<ISendResults, SendResults>();
        }
    }

    extension(IConfiguration configuration)
    {
        public bool IsPostgreSql =>
            configuration.GetValue<StorageProvider>("CoopLine:Storage:Provider") == StorageProvider.PostgreSql;
    }
}
