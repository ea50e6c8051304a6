using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Logging;

namespace Signalbox.Storage;

/// <summary>Brings the schema up to date at start. Several nodes may start at once: one migrates, the others wait.</summary>
internal sealed partial class Migrator(IDatabaseEngine engine, TimeProvider clock, ILogger logger)
{
    /// <param name="sets">Every room's.</param>
    /// <param name="look">Told before the first migration whether the database is empty; what it throws leaves the database as it is.</param>
    /// <exception cref="InvalidDataException">The database was written by a newer Signalbox.</exception>
    public void Run(IEnumerable<MigrationSet> sets, Action<bool> look)
    {
        using var connection = engine.OpenWriter();
        using var transaction = engine.BeginWrite(connection);
        engine.LockForMigration(connection, transaction);
        connection.Execute(
            """
            CREATE TABLE IF NOT EXISTS schema_migrations (
              room TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, applied_at BIGINT NOT NULL,
              PRIMARY KEY (room, number))
            """,
            transaction: transaction);
        var pending = sets.Select(set => (set.Room, Migrations: Pending(set, connection, transaction))).ToList();
        look(connection.ExecuteScalar<long>("SELECT COUNT(*) FROM schema_migrations", transaction: transaction) == 0);
        foreach (var (room, migrations) in pending)
        {
            foreach (var migration in migrations)
            {
                var sql = migration.Sql.Replace("{{key64}}", engine.Key64Type, StringComparison.Ordinal);
                connection.Execute(sql, transaction: transaction);
                connection.Execute(
                    "INSERT INTO schema_migrations (room, number, name, applied_at) VALUES (@Room, @Number, @Name, @At)",
                    new { Room = room, migration.Number, migration.Name, At = clock.GetUtcNow().ToUnixTimeMilliseconds() },
                    transaction);
                Log.Applied(logger, room, migration.Number, migration.Name);
            }
        }

        transaction.Commit();
    }

    private static IEnumerable<Migration> Pending(MigrationSet set, DbConnection connection, DbTransaction transaction)
    {
        var applied = connection.ExecuteScalar<int?>(
            "SELECT MAX(number) FROM schema_migrations WHERE room = @Room", new { set.Room }, transaction) ?? 0;
        return applied <= set.Migrations.Count
            ? set.Migrations.Skip(applied)
            : throw new InvalidDataException(
                $"The database has migration {applied} of '{set.Room}', this Signalbox knows {set.Migrations.Count}: "
                + "it was written by a newer version. Start that version, or restore a backup made before the upgrade.");
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Applied migration {Room}/{Number} {Name}")]
        public static partial void Applied(ILogger logger, string room, int number, string name);
    }
}
