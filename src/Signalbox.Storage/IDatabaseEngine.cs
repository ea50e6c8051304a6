using System.Data.Common;
using Microsoft.Extensions.Logging;

namespace Signalbox.Storage;

/// <summary>
/// What differs between the two databases. Everything else is one set of SQL that both accept; see
/// <see cref="Migration"/> for the few words that are translated.
/// </summary>
internal interface IDatabaseEngine : IAsyncDisposable
{
    /// <summary><c>sqlite</c> or <c>postgresql</c>, as logs and metrics name it.</summary>
    string Name { get; }

    /// <summary>Where it is, for the operator: a file, or a database of a server; no password.</summary>
    string Place { get; }

    /// <summary>The column type of a 64-bit primary key (SQLite's row id must be spelled <c>INTEGER</c>).</summary>
    string Key64Type { get; }

    /// <summary>How many group-commit writers may run side by side.</summary>
    int WriterLanes { get; }

    /// <summary>Creates what must exist before the first connection, such as the database file.</summary>
    void Prepare();

    /// <summary>
    /// Keeps every other server off until the engine is disposed. Files that lie in the data directory are under its lock.
    /// </summary>
    /// <exception cref="DatabaseHeldException">Another server holds the database.</exception>
    void Hold(ILogger logger);

    /// <summary>Returns when the database is held still, or again.</summary>
    /// <exception cref="DatabaseHeldException">Another server has taken it meanwhile.</exception>
    void EnsureHeld();

    /// <summary>An open connection for reading.</summary>
    ValueTask<DbConnection> OpenReaderAsync(CancellationToken cancellationToken);

    /// <summary>An open connection that a writer lane keeps, to a database that is held if it ever was.</summary>
    DbConnection OpenWriter();

    /// <summary>Starts a transaction that may write.</summary>
    DbTransaction BeginWrite(DbConnection connection);

    /// <summary>Holds off every other node's migration until the connection's transaction ends.</summary>
    void LockForMigration(DbConnection connection, DbTransaction transaction);

    /// <summary>True when running the same operation again may succeed (deadlock, serialization, busy).</summary>
    bool IsTransient(Exception exception);

    /// <summary>Bytes that the database takes on its disk; null when that cannot be found out.</summary>
    Task<long?> MeasureAsync(CancellationToken cancellationToken);

    /// <summary>True when a unique key refused a row.</summary>
    bool IsUniqueViolation(Exception exception);
}
