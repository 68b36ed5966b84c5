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

    public string DatabaseFile => Path.GetFullPath(Path.Combine(DataDirectory, "coopline.db"));
}
