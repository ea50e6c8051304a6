using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Signalbox.Storage.Tests;

public sealed class UnreachableDatabaseTests
{
    [Fact]
    public Task A_database_that_cannot_be_opened_is_waited_for_once_for_all_who_write_together() =>
        FailTogetherAsync(new Unreachable(opensBefore: 0), opened: 1);

    [Fact]
    public Task A_database_that_goes_while_they_write_is_waited_for_once_too() =>
        FailTogetherAsync(new Unreachable(opensBefore: 1), opened: 2);

    private static async Task FailTogetherAsync(Unreachable engine, int opened)
    {
        var queue = new WriteQueue();
        SingleWrite<int>[] writes = [.. Enumerable.Range(1, 10).Select(_ => new SingleWrite<int>(_ => throw new IOException("The server is shut down.")))];
        foreach (var write in writes)
        {
            queue.Add(write);
        }

        using (new GroupCommitWriter(engine, queue, operationsPerCommitMax: 100, lane: 1, NullLogger.Instance))
        {
            foreach (var write in writes)
            {
                await Assert.ThrowsAsync<TimeoutException>(() => write.Task);
            }

            queue.Complete();
        }

        Assert.Equal(opened, engine.Opened);
    }

    [Fact]
    public void A_database_that_cannot_be_opened_at_the_start_is_named()
    {
        var engine = new PostgresEngine("Host=127.0.0.1;Port=1;Database=orders;Username=u;Password=secret");

        var refusal = Assert.Throws<NpgsqlException>(engine.Prepare);

        Assert.Equal("The PostgreSQL database 'orders' at 127.0.0.1:1 cannot be opened", refusal.Message);
        Assert.NotNull(refusal.InnerException);
    }

    /// <summary>Can be opened so often, and then not any more; that it takes for transient, as PostgreSQL's driver does.</summary>
    private sealed class Unreachable(int opensBefore) : IDatabaseEngine
    {
        public int Opened { get; private set; }

        public string Name => "none";

        public string Place => "nowhere";

        public string Key64Type => "BIGINT";

        public int WriterLanes => 1;

        public void Prepare()
        {
        }

        public void Hold(ILogger logger) => throw new NotSupportedException();

        public void EnsureHeld() => throw new NotSupportedException();

        public ValueTask<DbConnection> OpenReaderAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public DbConnection OpenWriter()
        {
            if (Opened++ >= opensBefore)
            {
                throw new TimeoutException("Nobody answers.");
            }

            var connection = new SqliteConnection("Data Source=:memory:");
            connection.Open();
            return connection;
        }

        public DbTransaction BeginWrite(DbConnection connection) => connection.BeginTransaction();

        public void LockForMigration(DbConnection connection, DbTransaction transaction) => throw new NotSupportedException();

        public bool IsTransient(Exception exception) => exception is TimeoutException;

        public Task<long?> MeasureAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public bool IsUniqueViolation(Exception exception) => false;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
