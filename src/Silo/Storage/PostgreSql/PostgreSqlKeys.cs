using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Npgsql;

namespace CoopLine.Silo.Storage;

/// <summary>The keys of ASP.NET's data protection, in one place for all processes.</summary>
internal sealed class PostgreSqlKeys(NpgsqlDataSource database) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var connection = database.OpenConnection();
        using var command = connection.Command("SELECT xml FROM data_protection_key ORDER BY id");
        using var row = command.ExecuteReader();
        var keys = new List<XElement>();
        while (row.Read()) keys.Add(XElement.Parse(row.GetString(0)));
        return keys;
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var connection = database.OpenConnection();
        using var command = connection.Command(
            "INSERT INTO data_protection_key (name, xml) VALUES (@name, @xml)",
            ("@name", friendlyName),
            ("@xml", element.ToString(SaveOptions.DisableFormatting)));
        command.ExecuteNonQuery();
    }
}
