using Signalbox.Storage;
using Signalbox.Testing;

namespace Signalbox.Storage.Tests;

public sealed class GroupCommitTests
{
    private static readonly MigrationSet _schema = new("test", [
        new Migration(1, "notes", "CREATE TABLE notes (id {{key64}} PRIMARY KEY, body TEXT NOT NULL, raw BYTEA, done BOOLEAN NOT NULL DEFAULT FALSE)"),
    ]);

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task What_was_committed_survives_a_restart(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, _schema);
        await Task.WhenAll(Enumerable.Range(1, 500).Select(i => test.Database.WriteAsync(
            session => session.ExecutePrepared("INSERT INTO notes (id, body, raw) VALUES (@id, @body, @raw)", ("id", i), ("body", $"note {i}"), ("raw", new byte[] { 1, 2 })))));

        await test.ReopenAsync();

        Assert.Equal(500, await test.Database.WriteAsync(s => s.ScalarPrepared<long>("SELECT COUNT(*) FROM notes")));
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

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(test.ReopenAsync);

        Assert.Contains("newer version", refusal.Message, StringComparison.Ordinal);
    }
}
