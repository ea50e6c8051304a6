using Dapper;
using Npgsql;
using Signalbox.Events.Tests.Delivery;
using Signalbox.Testing;

namespace Signalbox.Events.Tests;

/// <summary>What another writer lane, or node, has written on PostgreSQL and not committed yet.</summary>
internal sealed class OpenTransaction : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    private OpenTransaction(NpgsqlConnection connection, NpgsqlTransaction transaction) => (_connection, _transaction) = (connection, transaction);

    public static async Task<OpenTransaction> BeginAsync(TestDatabase test, string sql)
    {
        var connection = new NpgsqlConnection(test.Options.PostgresConnectionString);
        await connection.OpenAsync();
        var transaction = await connection.BeginTransactionAsync();
        await connection.ExecuteAsync(sql, transaction: transaction);
        return new OpenTransaction(connection, transaction);
    }

    /// <summary>Commits as soon as somebody waits for what is locked.</summary>
    public async Task CommitOnceAwaitedAsync()
    {
        await DeliveryEngine.UntilAsync(async () => await _connection.QuerySingleAsync<bool>(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))", transaction: _transaction));
        await _transaction.CommitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
