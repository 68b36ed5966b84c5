using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CoopLine.Silo.Hosting;
using CoopLine.Tests.Fixtures;
using Microsoft.AspNetCore.DataProtection;

namespace CoopLine.Tests.Hosting;

/// <summary>What the program writes is for its own user, whoever made the folder; its keys can be encrypted as well.</summary>
[OneDatabase, UnsupportedOSPlatform("windows")]
public sealed class Keeping_files_private(RunningSystem coop) : IClassFixture<RunningSystem>, IDisposable
{
    private const UnixFileMode Everybody = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly string folder = Directory.CreateTempSubdirectory("coopline-").FullName;
    private readonly string certificates = Directory.CreateTempSubdirectory("coopline-certificates-").FullName;

    public void Dispose()
    {
        Directory.Delete(folder, recursive: true);
        Directory.Delete(certificates, recursive: true);
    }

    [Fact]
    public async Task In_a_folder_that_everybody_may_read_the_files_are_the_owner_s_alone()
    {
        File.SetUnixFileMode(folder, Everybody);
        Directory.CreateDirectory(Path.Combine(folder, "keys"), Everybody);
        foreach (var file in (string[])["coopline.db", "coopline.db-wal"])
        {
            // As an earlier version left them.
            await File.WriteAllBytesAsync(Path.Combine(folder, file), []);
            File.SetUnixFileMode(Path.Combine(folder, file), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }

        await using var app = await Start();
        Seal(app);

        var open = Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories)
            .Where(path => (File.GetUnixFileMode(path) & (Everybody & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute))) != 0)
            .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}keys{Path.DirectorySeparatorChar}", StringComparison.Ordinal)); // nobody gets in
        Assert.Contains("coopline.db-shm", Directory.EnumerateFiles(folder).Select(Path.GetFileName));
        Assert.NotEmpty(Directory.EnumerateFiles(Path.Combine(folder, "keys")));
        Assert.Empty(open);
    }

    [Fact]
    public async Task Keys_are_encrypted_with_the_certificate_and_outlive_its_successor()
    {
        var (first, second) = (NewCertificate("first"), NewCertificate("second"));
        string sealedText;
        await using (var app = await Start(("CoopLine:SessionKeys:Certificate", first)))
        {
            sealedText = Seal(app);
        }

        var key = await File.ReadAllTextAsync(Directory.EnumerateFiles(Path.Combine(folder, "keys")).Single());
        Assert.Contains("<EncryptedData", key, StringComparison.Ordinal);
        Assert.DoesNotContain("<masterKey", key, StringComparison.Ordinal);

        await using var next = await Start(("CoopLine:SessionKeys:Certificate", second), ("CoopLine:SessionKeys:EarlierCertificates:0", first));
        Assert.Equal("session", Protector(next).Unprotect(sealedText));
    }

    [Theory]
    [InlineData("CoopLine:SessionKeys:Certificate")]
    [InlineData("CoopLine:SessionKeys:EarlierCertificates:0")]
    public async Task A_certificate_that_cannot_be_read_stops_the_start_and_is_named(string setting)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var app = await Start((setting, Path.Combine(certificates, "nowhere.pem")));
        });

        Assert.Contains(setting, StartProblem.Describe(failure), StringComparison.Ordinal);
    }

    private static string Seal(Fixtures.Host app) => Protector(app).Protect("session");

    private static IDataProtector Protector(Fixtures.Host app) => app.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("tests");

    private async Task<Fixtures.Host> Start(params (string Name, string Value)[] also)
    {
        var settings = new Dictionary<string, string?>(coop.Settings("private")) { ["CoopLine:DataDirectory"] = folder, ["CoopLine:Storage:Provider"] = "Sqlite" };
        foreach (var (name, value) in also) settings[name] = value;
        return await Fixtures.Host.Start(settings, coop.Clock);
    }

    private string NewCertificate(string name)
    {
        using var key = RSA.Create(2048);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var file = Path.Combine(certificates, name + ".pem");
        File.WriteAllText(file, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
        return file;
    }
}
