using CoopLine.Silo.Hosting;
using CoopLine.Silo.Storage;
using Npgsql;

namespace CoopLine.Silo.Commands;

/// <summary>
/// <c>migrate</c>: brings the database to the shape that this program expects. Forward only; running it again,
/// or twice at once, changes nothing more.
/// </summary>
internal static class MigrateCommand
{
    private const int FailedCode = 1;

    /// <summary>With the settings of the service, of which it needs the database only.</summary>
    /// <exception cref="MissingSettingsException">There is no connection string.</exception>
    public static int Run(string[] args)
    {
        var builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.AddMaskedLogging();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddDatabase();
        using var app = builder.Build();
        var logs = app.Services.GetRequiredService<ILoggerFactory>();
        try
        {
            if (builder.Configuration.IsPostgreSql) MigratePostgreSql(builder.Configuration, logs);
            else app.Services.GetRequiredService<SqliteDataSource>(); // whoever asks for it finds it migrated
            Console.WriteLine("The database is up to date.");
            return 0;
        }
        catch (Exception e) when (e is InvalidOperationException or NpgsqlException)
        {
            Console.Error.WriteLine($"Nothing was changed: {e.Message}");
            return FailedCode;
        }
    }

    private static void MigratePostgreSql(IConfiguration configuration, ILoggerFactory logs)
    {
        var connection = configuration.GetConnectionString(StorageSetup.ConnectionString);
        if (string.IsNullOrWhiteSpace(connection))
            throw new MissingSettingsException(["ConnectionStrings:CoopLine (as a role that may create tables)"]);
        using var database = PostgreSqlDatabase.Connect(connection, logs);
        PostgreSqlMigrations.Apply(database, logs);
    }
}
