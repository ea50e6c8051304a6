using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Signalbox.Storage;

/// <summary>
/// The database, held by one server at a time: an advisory lock of a session on a connection of its own. It ends with the
/// process, and with the connection; then it is taken again before anything is written.
/// </summary>
/// <param name="connectionString">Of the database; not pooled.</param>
/// <param name="wait">How long the start waits for the session of a server that was killed to end.</param>
/// <param name="logger">Told when it has to wait, and when a lost hold was taken again.</param>
internal sealed partial class PostgresHold(string connectionString, TimeSpan wait, ILogger logger) : IDisposable
{
    /// <summary>An arbitrary number that means "Signalbox server"; the other half of the lock is the schema that it works in.</summary>
    private const int ServerLock = 0x53494742;

    private const int CommandTimeoutSeconds = 5;

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a session of this server that lost its connection may take to end once it is told to.</summary>
    private static readonly TimeSpan _ownEnd = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private NpgsqlConnection? _connection;
    private Session? _own;
    private Exception? _failure;
    private int _looks;
    private bool _disposed;

    /// <summary>Takes the database, or waits for the session that holds it to end.</summary>
    /// <exception cref="DatabaseHeldException">It did not end.</exception>
    public void Take()
    {
        lock (_lock)
        {
            _connection = Open();
            var start = Stopwatch.GetTimestamp();
            var isTold = false;
            while (!TryLock(_connection))
            {
                var holder = FindHolder(_connection);
                if (Stopwatch.GetElapsedTime(start) >= wait)
                {
                    throw Held(_connection, holder);
                }

                if (!isTold)
                {
                    Log.Waiting(logger, Describe(holder), wait.TotalSeconds);
                    isTold = true;
                }

                Thread.Sleep(_pause);
            }
        }
    }

    /// <summary>Returns when this server holds the database, which it may have to take again.</summary>
    /// <exception cref="DatabaseHeldException">Another server has taken it.</exception>
    /// <exception cref="NpgsqlException">The database is away.</exception>
    public void Ensure()
    {
        var seen = Volatile.Read(ref _looks);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (seen != _looks && _failure is { } failure)
            {
                // Somebody else has just waited for it, in vain.
                throw new NpgsqlException(failure.Message, failure);
            }

            try
            {
                if (!IsAlive())
                {
                    TakeAgain();
                    Log.TakenAgain(logger);
                }

                _failure = null;
            }
            catch (Exception exception) when (exception is not DatabaseHeldException)
            {
                _failure = exception;
                throw;
            }
            finally
            {
                _looks++;
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _connection?.Dispose();
        }
    }

    private bool IsAlive()
    {
        try
        {
            return _connection is not null && Query(_connection, "SELECT true", reader => reader.GetBoolean(0));
        }
        catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException)
        {
            return false;
        }
    }

    private void TakeAgain()
    {
        _connection?.Dispose();
        _connection = null;
        var connection = Open();
        try
        {
            var start = Stopwatch.GetTimestamp();
            while (!TryLock(connection))
            {
                // The server may not have noticed yet that the lost connection is one.
                var holder = FindHolder(connection);
                if (holder is not null && holder.Id != _own?.Id)
                {
                    throw Held(connection, holder);
                }

                if (Stopwatch.GetElapsedTime(start) >= _ownEnd)
                {
                    throw new TimeoutException("The session that held the database does not end.");
                }

                if (holder is not null)
                {
                    Query(connection, $"SELECT pg_terminate_backend({holder.Id.Process})", _ => true);
                }

                Thread.Sleep(_pause);
            }

            _connection = connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private NpgsqlConnection Open()
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, CommandTimeout = CommandTimeoutSeconds };
        var connection = new NpgsqlConnection(builder.ToString());
        try
        {
            connection.Open();

            // When this machine vanishes, the session ends within 20 seconds instead of hours.
            Query(connection, "SELECT set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '3', false), set_config('tcp_keepalives_count', '3', false)", _ => true);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private bool TryLock(NpgsqlConnection connection)
    {
        var own = Query(
            connection,
            $"""
            SELECT pg_try_advisory_lock({ServerLock}, hashtext(coalesce(current_schema(), ''))), pid, backend_start
            FROM pg_stat_activity WHERE pid = pg_backend_pid()
            """,
            reader => reader.GetBoolean(0) ? new Session(new(reader.GetInt32(1), reader.GetDateTime(2)), null, null, null) : null);
        _own = own ?? _own;
        return own is not null;
    }

    /// <summary>The session that holds the lock, as far as this one may see it; null when it has just ended.</summary>
    private static Session? FindHolder(NpgsqlConnection connection) => Query(
        connection,
        $"""
        SELECT held.pid, activity.backend_start, activity.usename, activity.application_name, host(activity.client_addr)
        FROM pg_locks held LEFT JOIN pg_stat_activity activity ON activity.pid = held.pid
        WHERE held.locktype = 'advisory' AND held.granted AND held.objsubid = 2
          AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND held.classid::bigint = {ServerLock}
          AND held.objid::bigint = hashtext(coalesce(current_schema(), ''))::bigint & 4294967295
        """,
        reader => new Session(
            new(reader.GetInt32(0), reader.IsDBNull(1) ? null : reader.GetDateTime(1)), Text(reader, 2), Text(reader, 3), Text(reader, 4)));

    private static T? Query<T>(NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read)
    {
        using var command = new NpgsqlCommand(sql, connection);
        using var reader = command.ExecuteReader();
        return reader.Read() ? read(reader) : default;
    }

    private static string? Text(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) || reader.GetString(column).Length == 0 ? null : reader.GetString(column);

    private static DatabaseHeldException Held(NpgsqlConnection connection, Session? holder) => new(
        $"Another Signalbox runs on the PostgreSQL database '{connection.Database}': {Describe(holder)} holds it. One server may run on a database at a time, "
        + "because it would not hear of what another registers. Stop that server, or name another database in Storage:PostgresConnectionString."
        + (holder is null ? "" : $" If that server is gone and its session is left over, end the session: SELECT pg_terminate_backend({holder.Id.Process});"));

    private static string Describe(Session? holder)
    {
        if (holder is null)
        {
            return "a session that is not seen any more";
        }

        var known = new List<string>();
        if (holder.Application is { } application)
        {
            known.Add($"application '{application}'");
        }

        if (holder.User is { } user)
        {
            known.Add($"user '{user}'");
        }

        if (holder.Address is { } address)
        {
            known.Add($"from {address}");
        }

        if (holder.Id.Start is { } start)
        {
            known.Add(string.Create(CultureInfo.InvariantCulture, $"since {start:yyyy-MM-dd'T'HH:mm:ss'Z'}"));
        }

        return $"session {holder.Id.Process}{(known.Count == 0 ? "" : $" ({string.Join(", ", known)})")}";
    }

    /// <summary>Process ids come again; with the time of its start one names a session for good.</summary>
    private readonly record struct SessionId(int Process, DateTime? Start);

    private sealed record Session(SessionId Id, string? User, string? Application, string? Address);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The database is held by {Holder}; waiting up to {Seconds} s for its end")]
        public static partial void Waiting(ILogger logger, string holder, double seconds);

        [LoggerMessage(2, LogLevel.Information, "The connection that holds the database was lost; it is held again")]
        public static partial void TakenAgain(ILogger logger);
    }
}
