using System.Data.Common;

namespace CoopLine.Silo.Storage;

internal static class Sql
{
    extension(DbConnection connection)
    {
        public DbCommand Command(string sql, params ReadOnlySpan<(string Name, object? Value)> values)
        {
            var command = connection.CreateCommand();
            command.CommandText = sql;
            foreach (var (name, value) in values)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = name;
                parameter.Value = value ?? DBNull.Value;
                command.Parameters.Add(parameter);
            }

            return command;
        }
    }
}
