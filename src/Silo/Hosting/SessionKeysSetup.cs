using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CoopLine.Silo.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CoopLine.Silo.Hosting;

/// <summary>
/// The keys that seal the coupon page's sessions, which outlive a restart and go from one process to another. They are stored as
/// they are, readable for the program's user alone, or encrypted with <c>CoopLine:SessionKeys:Certificate</c>.
/// </summary>
internal static class SessionKeysSetup
{
    private const string Setting = "CoopLine:SessionKeys";

    extension(WebApplicationBuilder builder)
    {
        /// <exception cref="InvalidOperationException">A certificate cannot be read; the message names its setting.</exception>
        public void AddSessionKeys()
        {
            var protection = builder.Services.AddDataProtection();
            builder.Services.AddOptions<KeyManagementOptions>().Configure<IServiceProvider>((keys, provider) =>
                keys.XmlRepository = builder.Configuration.IsPostgreSql
                    ? new PostgreSqlKeys(provider.GetRequiredService<NpgsqlDataSource>())
                    : new FileSystemXmlRepository(Folder(provider), provider.GetRequiredService<ILoggerFactory>()));

            var settings = builder.Configuration.GetSection(Setting);
            if (settings["Certificate"] is { Length: > 0 } current)
                protection.ProtectKeysWithCertificate(Read($"{Setting}:Certificate", current));
            // Keys that were encrypted with one of these are still read.
            protection.UnprotectKeysWithAnyCertificate(
                [.. settings.GetSection("EarlierCertificates").GetChildren().Select(earlier => Read(earlier.Path, earlier.Value!))]);
        }
    }

    private static DirectoryInfo Folder(IServiceProvider provider)
    {
        var folder = provider.GetRequiredService<IOptions<StorageOptions>>().Value.MakeFolder().CreateSubdirectory("keys");
        if (!OperatingSystem.IsWindows())
            folder.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        return folder;
    }

    private static X509Certificate2 Read(string setting, string file)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new InvalidOperationException($"{setting} is no PEM file with a certificate and its private key.", e);
        }
    }
}
