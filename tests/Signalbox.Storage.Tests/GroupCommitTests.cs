using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Signalbox.Storage;
using Signalbox.Testing;

namespace Signalbox.Storage.Tests;

public sealed class GroupCommitTests
{
    private static readonly MigrationSet _schema = new("test", [
        new Migration(1, "notes", "CREATE TABLE notes (id {{key64}} PRIMARY KEY, body TEXT NOT NULL, raw BYTEA, done BOOLEAN NOT NULL DEFAULT FALSE)"),
    ]);

    private static readonly RowStatement _insertNotes = new(
        "INSERT INTO notes (id, body, raw, done)", [RowColumn.BigInt, RowColumn.Text, RowColumn.Bytes, RowColumn.Boolean]);

    private static readonly RowStatement _deleteNotes = new(
        "DELETE FROM notes WHERE (id, body) IN (SELECT * FROM (", [RowColumn.BigInt, RowColumn.Text], ") AS rows)");

    private static object?[] Note(int number, bool isDone) =>
        [number, $"note {number}", isDone ? (object?)null : new ReadOnlyMemory<byte>([1, 2]), isDone];

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task What_was_committed_survives_a_restart(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, _schema);
        await Task.WhenAll(Enumerable.Range(1, 500).Select(i => test.Database.WriteAsync(
            session => session.ExecutePrepared("INSERT INTO notes (id, body, raw) VALUES (@id, @body, @raw)", ("id", i), ("body", $"note {i}"), ("raw", new byte[] { 1, 2 })))));

        await test.ReopenAsync();

        Assert.Equal(500, await test.Database.WriteAsync(s => s.ScalarPrepared<long>("SELECT COUNT(*) FROM notes")));
    }

    [Fact]
    public async Task What_was_committed_is_told_after_closing_and_who_waits_for_a_place_is_refused()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, _schema);
        await using var database = new Database(test.Options with { WriteQueueLength = 1 }, [_schema], test.Clock, NullLogger<Database>.Instance);
        var callers = new HeldCallers();
        var (committed, waiting) = callers.Call(() => (WriteAsync(1), WriteAsync(2)));

        await database.DisposeAsync();
        while (!committed.IsCompleted || !waiting.IsCompleted)
        {
            callers.Run();
            await Task.Yield();
        }

        await committed;
        Assert.Contains("closed", (await Assert.ThrowsAsync<InvalidOperationException>(() => waiting)).Message, StringComparison.Ordinal);
        Assert.Equal(1, await test.Database.WriteAsync(s => s.ScalarPrepared<long>("SELECT COUNT(*) FROM notes")));

        Task WriteAsync(int id) => database.WriteAsync(session => session.ExecutePrepared("INSERT INTO notes (id, body) VALUES (@id, 'x')", ("id", id)));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task One_failing_operation_does_not_fail_its_neighbours(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, _schema);
        var writes = Enumerable.Range(1, 50).Select(i => test.Database.WriteAsync(
            session => session.ExecutePrepared("INSERT INTO notes (id, body) VALUES (@id, @body)", ("id", i == 25 ? 24 : i), ("body", "x")))).ToArray();

        var refused = 0;
        foreach (var write in writes)
        {
            try
            {
                await write;
            }
            catch (Exception exception) when (test.Database.IsUniqueViolation(exception))
            {
                refused++;
            }
        }

        Assert.Equal(1, refused);
        Assert.Equal(49, await test.Database.WriteAsync(s => s.ScalarPrepared<long>("SELECT COUNT(*) FROM notes")));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_statement_over_rows_takes_any_number_of_them_and_every_type(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, _schema);
        const int count = 1_300;
        var counted = await test.Database.WriteAsync(session =>
        {
            session.ExecuteRows(_insertNotes, [.. Enumerable.Range(1, count).SelectMany(i => Note(i, i % 2 == 0))]);
            session.ExecuteRows(_insertNotes, []);
            // What follows sees what came before.
            var inserted = session.ScalarPrepared<long>("SELECT COUNT(*) FROM notes WHERE done AND raw IS NULL");
            session.ExecuteRows(_deleteNotes, [.. Enumerable.Range(2, count - 1).SelectMany(i => new object?[] { i, $"note {i}" })]);
            return inserted;
        });

        Assert.Equal(count / 2, counted);
        Assert.Equal("note 1", await test.Database.WriteAsync(s => s.ScalarPrepared<string>("SELECT body FROM notes WHERE raw IS NOT NULL")));
        Assert.Equal(1, await test.Database.WriteAsync(s => s.ScalarPrepared<long>("SELECT COUNT(*) FROM notes")));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Rows_that_are_refused_fail_their_own_operation_only(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, _schema);
        var writes = Enumerable.Range(1, 20).Select(i => test.Database.WriteAsync(
            session => session.ExecuteRows(_insertNotes, [.. Note(i == 9 ? 8 : i, false)]))).ToArray();

        var refusals = await Task.WhenAll(writes.Select(async write =>
            await Record.ExceptionAsync(() => write) is { } refusal && test.Database.IsUniqueViolation(refusal)));

        Assert.Single(refusals, isRefused => isRefused);
        Assert.Equal(19, await test.Database.WriteAsync(s => s.ScalarPrepared<long>("SELECT COUNT(*) FROM notes")));
    }

    [Fact]
    public async Task What_was_taken_for_granted_and_is_not_so_is_undone_and_run_again()
    {
        await using var test = new TestDatabase(TestEngine.Postgresql, _schema);
        await test.Database.WriteAsync(session => session.ExecutePrepared("INSERT INTO notes (id, body) VALUES (1, 'theirs')"));
        var runs = 0;

        await test.Database.WriteAsync(session =>
        {
            var expected = ++runs == 1 ? 0 : 1;
            session.Expect("UPDATE notes SET done = TRUE WHERE id = @expected", ("expected", expected));
            session.ExecuteRows(_insertNotes, Note(1 + runs, isDone: true));
        });

        Assert.Equal(2, runs);
        Assert.Equal([1, 3], await test.Database.WriteAsync(s => s.Query<long>("SELECT id FROM notes WHERE done ORDER BY id")));
        Assert.Equal(2, await test.Database.WriteAsync(s => s.ScalarPrepared<long>("SELECT COUNT(*) FROM notes")));
    }

    [Fact]
    public async Task A_division_by_zero_of_an_operation_s_own_is_its_own_failure()
    {
        await using var test = new TestDatabase(TestEngine.Postgresql, _schema);
        var runs = 0;

        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => test.Database.WriteAsync(session =>
        {
            runs++;
            return session.Query<long>("SELECT 1 / COUNT(*) FROM notes");
        }));

        Assert.InRange(runs, 1, 2);
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_reader_sees_a_write_as_soon_as_its_task_ends(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, _schema);
        await test.Database.WriteAsync(s => s.Execute("INSERT INTO notes (id, body, done) VALUES (1, 'x', @Done)", new { Done = true }));

        await using var connection = await test.Database.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM notes WHERE done";
        Assert.Equal(1L, await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_database_of_a_newer_version_is_refused(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, _schema);
        await test.Database.WriteAsync(s => s.Execute(
            "INSERT INTO schema_migrations (room, number, name, applied_at) VALUES ('test', 2, 'from the future', 0)"));

        var refusal = await Assert.ThrowsAsync<InvalidDataException>(test.ReopenAsync);

        Assert.Contains("newer version", refusal.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Writes_of_one_kind_run_together_and_each_caller_gets_its_own_result(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, _schema);
        var kind = new InsertNotes();
        using var started = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        // Every writer lane is busy while the items come in.
        var busy = Enumerable.Range(0, 8).Select(_ => test.Database.WriteAsync(_ =>
        {
            started.Set();
            release.Wait(TestContext.Current.CancellationToken);
        })).ToArray();
        started.Wait(TestContext.Current.CancellationToken);

        var inserts = Enumerable.Range(1, 100).Select(i => test.Database.WriteAsync(kind, i)).ToArray();
        release.Set();

        Assert.Equal(Enumerable.Range(1, 100).Select(i => $"note {i}"), await Task.WhenAll(inserts));
        await Task.WhenAll(busy);
        Assert.Equal(100, await test.Database.WriteAsync(s => s.ScalarPrepared<long>("SELECT COUNT(*) FROM notes WHERE body = 'note ' || id")));
        Assert.True(kind.Runs < 100, $"{kind.Runs} runs");
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_bad_item_does_not_fail_the_others_of_its_kind(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, _schema);
        var kind = new InsertNotes();
        await test.Database.WriteAsync(kind, 7);

        var inserts = Enumerable.Range(1, 40).Select(i => test.Database.WriteAsync(kind, i)).ToArray();
        await Task.WhenAny(Task.WhenAll(inserts));

        Assert.Equal([7], inserts.Select((task, i) => (task, i: i + 1)).Where(p => p.task.IsFaulted).Select(p => p.i));
        Assert.Equal(40, await test.Database.WriteAsync(s => s.ScalarPrepared<long>("SELECT COUNT(*) FROM notes")));
    }

    private sealed class InsertNotes : GroupedWrite<int, string>
    {
        private static readonly RowStatement _insert = new("INSERT INTO notes (id, body)", [RowColumn.BigInt, RowColumn.Text]);
        private int _runs;

        public int Runs => _runs;

        public override IReadOnlyList<string> Run(WriteSession session, IReadOnlyList<int> items)
        {
            Interlocked.Increment(ref _runs);
            session.ExecuteRows(_insert, [.. items.SelectMany(i => new object?[] { (long)i, $"note {i}" })]);
            return [.. items.Select(i => $"note {i}")];
        }
    }

    /// <summary>Callers who go on only when they are let, as on a pool whose threads are all busy.</summary>
    private sealed class HeldCallers : SynchronizationContext
    {
        private readonly ConcurrentQueue<Action> _held = new();

        public override void Post(SendOrPostCallback d, object? state) => _held.Enqueue(() => d(state));

        public T Call<T>(Func<T> call)
        {
            var before = Current;
            SetSynchronizationContext(this);
            try
            {
                return call();
            }
            finally
            {
                SetSynchronizationContext(before);
            }
        }

        public void Run()
        {
            while (_held.TryDequeue(out var held))
            {
                held();
            }
        }
    }
}
