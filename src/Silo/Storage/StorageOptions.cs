using System.ComponentModel.DataAnnotations;

namespace CoopLine.Silo.Storage;

/// <summary>Section <c>CoopLine</c>.</summary>
internal sealed class StorageOptions
{
    /// <summary>
    /// Folder of the database file <c>coopline.db</c>, on a local disk; created at start. A relative path starts at the
    /// working directory. Default <c>data</c>.
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

    public string DatabaseFile => Path.GetFullPath(Path.Combine(DataDirectory, "coopline.db"));
}
