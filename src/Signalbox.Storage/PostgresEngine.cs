using System.Data.Common;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Signalbox.Storage;

/// <summary>PostgreSQL 15 or newer.</summary>
internal sealed class PostgresEngine : IDatabaseEngine
{
    /// <summary>An arbitrary number that means "Signalbox migration" to <c>pg_advisory_xact_lock</c>.</summary>
    private const long MigrationLock = 0x5349474E414C_01;

    /// <summary>
    /// Readers prepare nothing: PostgreSQL plans each of their queries for the tables as they are. A plan that was made
    /// while a table was nearly empty reads all of it, and a prepared statement keeps it for minutes, whatever has come.
    /// </summary>
    private readonly NpgsqlDataSource _readers;

    /// <summary>
    /// Writers use their connections synchronously, from threads of their own. A socket that was ever used otherwise, as
    /// readers do, would hear of an answer through another thread.
    /// </summary>
    private readonly NpgsqlDataSource _writers;

    private readonly string _database;

    private readonly string _server;

    private readonly string _connectionString;

    private PostgresHold? _hold;

    public PostgresEngine(string connectionString)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        (_database, _server) = (builder.Database ?? builder.Username ?? "", $"{builder.Host}:{builder.Port}");
        builder.ApplicationName ??= "signalbox";
        _connectionString = builder.ToString();
        _readers = NpgsqlDataSource.Create(builder);
        if (builder.MaxAutoPrepare == 0)
        {
            builder.MaxAutoPrepare = 200;
        }

        _writers = NpgsqlDataSource.Create(builder);
    }

    /// <summary>How long the start waits for another session to end: that of a server that was killed may take its time.</summary>
    public TimeSpan HoldWait { get; init; } = TimeSpan.FromSeconds(15);

    public string Name => "postgresql";

    public string Place => $"'{_database}' at {_server}";

    public string Key64Type => "BIGINT";

    public int WriterLanes => 4;

    public void Prepare()
    {
        // A wrong host or password is reported here, by name, rather than by the first request.
        try
        {
            using var connection = _readers.OpenConnection();
        }
        catch (Exception exception) when (exception is NpgsqlException or SocketException or TimeoutException)
        {
            throw new NpgsqlException($"The PostgreSQL database {Place} cannot be opened", exception);
        }
    }

    public void Hold(ILogger logger)
    {
        _hold = new PostgresHold(_connectionString, HoldWait, logger);
        _hold.Take();
    }

    public void EnsureHeld() => _hold?.Ensure();

    public async Task<long?> MeasureAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenReaderAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT pg_database_size(current_database())";
        return await command.ExecuteScalarAsync(cancellationToken) as long?;
    }

    public async ValueTask<DbConnection> OpenReaderAsync(CancellationToken cancellationToken) =>
        await _readers.OpenConnectionAsync(cancellationToken);

    public DbConnection OpenWriter()
    {
        // Whatever cut the last writer's connection may have cut the hold's, and another server may be at work.
        EnsureHeld();
        return _writers.OpenConnection();
    }

    public DbTransaction BeginWrite(DbConnection connection) => connection.BeginTransaction();

    public void LockForMigration(DbConnection connection, DbTransaction transaction)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "SELECT pg_advisory_xact_lock(@id)";
        var id = command.CreateParameter();
        id.ParameterName = "id";
        id.Value = MigrationLock;
        command.Parameters.Add(id);
        command.ExecuteNonQuery();
    }

    public bool IsTransient(Exception exception) => exception is NpgsqlException { IsTransient: true };

    public bool IsUniqueViolation(Exception exception) =>
        exception is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

    public async ValueTask DisposeAsync()
    {
        await _writers.DisposeAsync();
        await _readers.DisposeAsync();
        _hold?.Dispose();
    }
}
