using System.Data.Common;
using Microsoft.Extensions.Logging;

namespace Signalbox.Storage;

/// <summary>
/// The one database of a server. Reads take a pooled connection each; writes are operations that wait for a group
/// commit (<see cref="WriteAsync{T}(Func{WriteSession, T}, CancellationToken)"/>), and are durable when the returned task ends.
/// </summary>
/// <remarks>
/// <code>
///  request ──► WriteAsync(operation) ──► queue (bounded) ──► writer lane: BEGIN; op; op; op; COMMIT (one fsync)
///                      ▲                                                          │
///                      └────────────────── task completes ◄───────────────────────┘
/// </code>
/// With several lanes, kinds of writes that take turns (<see cref="GroupedWrite{TItem, TResult}.RunsLast"/>) have a queue
/// and a lane of their own: spread over all lanes, each would wait for the other with a small part of them.
/// </remarks>
public sealed partial class Database : IAsyncDisposable
{
    private readonly IDatabaseEngine _engine;
    private readonly WriteQueue _queue = new();
    private readonly WriteQueue _turns;

    // Never disposed: whoever is told by the last commits gives back a place after the database has closed.
    private readonly SemaphoreSlim _places;

    private readonly GroupCommitWriter[] _writers;
    private bool _disposed;

    /// <summary>Opens the database, migrates it, and starts its writers.</summary>
    /// <param name="options">Which database.</param>
    /// <param name="migrations">Every room's.</param>
    /// <param name="clock">The time of a migration.</param>
    /// <param name="logger">Told of migrations and failed commits.</param>
    /// <param name="keyRing">A server's, which keeps other servers off and is kept off by them. Null: neither.</param>
    /// <exception cref="InvalidDataException">The database was written by a newer Signalbox, is damaged, or lacks its keys.</exception>
    /// <exception cref="DatabaseHeldException">Another server holds it.</exception>
    public Database(
        StorageOptions options,
        IEnumerable<MigrationSet> migrations,
        TimeProvider clock,
        ILogger<Database> logger,
        KeyRing? keyRing = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.WriteQueueLength);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.OperationsPerCommitMax);
        _engine = options.PostgresConnectionString is { Length: > 0 } connectionString
            ? new PostgresEngine(connectionString)
            : new SqliteEngine(SqliteEngine.FileOf(options));
        Log.Opens(logger, _engine.Name, _engine.Place);
        try
        {
            _engine.Prepare();
            if (keyRing is not null)
            {
                _engine.Hold(logger);
            }

            new Migrator(_engine, clock, logger).Run(migrations, isEmpty => keyRing?.Prepare(isEmpty));
        }
        catch (DbException exception) when (StorageFault.IsDamage(exception))
        {
            throw new InvalidDataException(StorageFault.ExplainDamage(options), exception);
        }

        _places = new SemaphoreSlim(options.WriteQueueLength);
        _turns = _engine.WriterLanes > 1 ? new WriteQueue() : _queue;
        _writers =
        [
            .. Enumerable.Range(1, _engine.WriterLanes).Select(
                lane => new GroupCommitWriter(_engine, lane == 1 ? _turns : _queue, options.OperationsPerCommitMax, lane, logger)),
        ];
    }

    /// <summary><c>sqlite</c> or <c>postgresql</c>.</summary>
    public string EngineName => _engine.Name;

    /// <summary>Which database that is: a file, or a database of a server.</summary>
    public string Place => _engine.Place;

    /// <summary>
    /// An open connection for reading; dispose it to give it back. It sees everything that was committed before.
    /// On SQLite it cannot write.
    /// </summary>
    public ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken = default)
    {
        StorageMetrics.CountReads(1);
        return _engine.OpenReaderAsync(cancellationToken);
    }

    /// <summary>
    /// Queues an operation for the next group commit. The task ends when the commit is durable; its exception is the
    /// operation's own, or the commit's. Cancelling gives up waiting for a place in the queue, never a queued
    /// operation.
    /// </summary>
    /// <param name="operation">
    /// Runs synchronously inside the transaction; may be run again, so it touches nothing but the session and its result.
    /// </param>
    public Task<T> WriteAsync<T>(Func<WriteSession, T> operation, CancellationToken cancellationToken = default) =>
        EnqueueAsync(new SingleWrite<T>(operation), cancellationToken);

    /// <summary>
    /// Queues an item for the next group commit, where all waiting items of its kind run together. Otherwise like
    /// <see cref="WriteAsync{T}(Func{WriteSession, T}, CancellationToken)"/>.
    /// </summary>
    public Task<TResult> WriteAsync<TItem, TResult>(
        GroupedWrite<TItem, TResult> kind, TItem item, CancellationToken cancellationToken = default) =>
        EnqueueAsync(new GroupedItem<TItem, TResult>(kind, item), cancellationToken);

    /// <inheritdoc cref="WriteAsync{T}(Func{WriteSession, T}, CancellationToken)"/>
    public Task WriteAsync(Action<WriteSession> operation, CancellationToken cancellationToken = default) =>
        WriteAsync(
            session =>
            {
                operation(session);
                return true;
            },
            cancellationToken);

    /// <summary>Commits a change of nothing, for health checks: it ends when the database has taken it.</summary>
    public Task ProbeAsync(CancellationToken cancellationToken = default) =>
        WriteAsync(
            session => session.ExecutePrepared("UPDATE schema_migrations SET applied_at = applied_at WHERE number = 1"),
            cancellationToken);

    /// <summary>Returns when a server's database is held still, or again.</summary>
    /// <exception cref="DatabaseHeldException">Another server has taken it.</exception>
    public void EnsureHeld() => _engine.EnsureHeld();

    /// <summary>Bytes that the database takes on its disk; null when that cannot be found out.</summary>
    public Task<long?> MeasureAsync(CancellationToken cancellationToken = default) => _engine.MeasureAsync(cancellationToken);

    /// <summary>True when the exception says that a unique key refused a row, on either database.</summary>
    public bool IsUniqueViolation(Exception exception) => _engine.IsUniqueViolation(exception);

    /// <summary>Writes out what waits, then closes. Who still waits for a place in the queue is told that it is closed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _queue.Complete();
        _turns.Complete();
        foreach (var writer in _writers)
        {
            writer.Dispose();
        }

        await _engine.DisposeAsync();
    }

    private async Task<T> EnqueueAsync<T>(PendingWrite<T> write, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        try
        {
            (write.RunsLast ? _turns : _queue).Add(write);
            return await write.Task;
        }
        finally
        {
            _places.Release();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The database is {Engine}, {Place}")]
        public static partial void Opens(ILogger logger, string engine, string place);
    }
}
