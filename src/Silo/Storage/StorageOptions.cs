using System.ComponentModel.DataAnnotations;

namespace CoopLine.Silo.Storage;

/// <summary>Section <c>CoopLine</c>.</summary>
internal sealed class StorageOptions
{
    /// <summary>
    /// Folder of the database file <c>coopline.db</c>, on a local disk; created at start. A relative path starts at the
    /// working directory. Default <c>data</c>. PostgreSQL needs none.
    /// </summary>
    [Required]
    public string DataDirectory { get; init; } = "data";

    /// <summary>The folder, made for its owner alone: it holds member numbers and LINE user ids.</summary>
    /// <exception cref="InvalidOperationException">It cannot be made.</exception>
    public DirectoryInfo MakeFolder()
    {
        try
        {
            return OperatingSystem.IsWindows()
                ? Directory.CreateDirectory(DataDirectory)
                : Directory.CreateDirectory(
                    DataDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"The folder CoopLine:DataDirectory={DataDirectory} cannot be made.", e);
        }
    }

    /// <summary>
    /// How many baskets of tills' calls are kept for rehearsing campaigns: the newest; 0 (default) for none. They hold neither code, member
    /// nor receipt. About 200 bytes each, and 100 for every line.
    /// </summary>
    [Range(0, 1_000_000)]
    public int RecordedBaskets { get; init; }

    public string DatabaseFile => Path.GetFullPath(Path.Combine(DataDirectory, "coopline.db"));

    [Required]
    public ProviderOptions Storage { get; init; } = new();

    internal sealed class ProviderOptions
    {
        /// <summary>
        /// Where everything is kept: <c>Sqlite</c> (default; one process, nothing to install) or <c>PostgreSql</c>, at
        /// <c>ConnectionStrings:CoopLine</c>.
        /// </summary>
        [EnumDataType(typeof(StorageProvider))]
        public StorageProvider Provider { get; init; }

        /// <summary>
        /// Whether the states of many grains are read and committed together (default), or one by one by Orleans' own
        /// AdoNet provider. Both keep the same rows: the setting may change at any start.
        /// </summary>
        public bool GroupCommit { get; init; } = true;
    }
}

internal enum StorageProvider
{
    Sqlite,
    PostgreSql,
}
