using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;
using Signalbox.Storage.Faults;

namespace Signalbox.Storage;

/// <summary>Tells what the database met from what it was asked.</summary>
public static class StorageFault
{
    // SQLite's BUSY, LOCKED, NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN and PROTOCOL (https://www.sqlite.org/rescode.html).
    private static readonly int[] _sqliteCodes = [5, 6, 7, 8, 10, 11, 13, 14, 15];

    // PostgreSQL's connections, authorization, resources, an operator's intervention and the system.
    private static readonly string[] _postgresClasses = ["08", "28", "53", "57", "58"];

    // SQLite's CORRUPT and NOTADB.
    private static readonly int[] _damageCodes = [11, 26];

    /// <summary>True when the embedded database's file is not what was written.</summary>
    public static bool IsDamage(DbException exception) => exception is SqliteException sqlite && _damageCodes.Contains(sqlite.SqliteErrorCode);

    /// <summary>Which file is damaged, and what to do.</summary>
    public static string ExplainDamage(StorageOptions options) =>
        $"The database '{Path.GetFullPath(SqliteEngine.FileOf(options))}' is damaged. {RestoreAdvice}";

    /// <summary>What mends a database that was lost or damaged.</summary>
    internal const string RestoreAdvice = "Put back the database and the key ring of one backup (docs/operating.md, \"Backup\")";

    /// <summary>
    /// One line of words for a full disk, a lost connection, a server that restarts: whatever is asked meets it, and where in
    /// the code says nothing. Null for the fault of one statement, which is a bug and keeps its stack trace.
    /// </summary>
    public static string? Explain(DbException exception)
    {
        if (!IsCircumstance(exception))
        {
            return null;
        }

        var reason = exception.InnerException is { } inner ? $"{exception.Message} {inner.Message}" : exception.Message;
        return string.Join(' ', reason.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    private static bool IsCircumstance(DbException exception) =>
        exception.IsTransient
        || exception.InnerException is IOException or TimeoutException or System.Net.Sockets.SocketException
        || (exception is SqliteException sqlite && _sqliteCodes.Contains(sqlite.SqliteErrorCode))
        || (exception is PostgresException postgres && (_postgresClasses.Contains(postgres.SqlState[..2]) || postgres.SqlState == PostgresErrorCodes.ReadOnlySqlTransaction))
        || exception is NpgsqlException and not PostgresException
        || exception is FailpointException or DatabaseHeldException;
}
