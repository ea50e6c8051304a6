using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Signalbox.Testing;

namespace Signalbox.Storage.Tests;

/// <summary>One server at a time works on a PostgreSQL database.</summary>
public sealed class PostgresHoldTests
{
    private const string Holders = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

    private readonly string _database = PostgresServer.Instance.CreateDatabase();

    [Fact]
    public async Task A_second_server_is_refused_with_the_session_that_holds_the_database_and_what_to_do()
    {
        await using var first = Hold(_database);

        var refusal = Assert.Throws<DatabaseHeldException>(() => Hold(_database));

        var session = await HolderAsync();
        Assert.Contains($"session {session} (application 'signalbox', user 'signalbox', since 20", refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith($"SELECT pg_terminate_backend({session});", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_next_server_waits_until_the_session_of_the_last_has_ended()
    {
        var first = Hold(_database);
        var next = Task.Run(() => Hold(_database, TimeSpan.FromMinutes(1)));

        await first.DisposeAsync();

        await (await next).DisposeAsync();
    }

    [Fact]
    public async Task Servers_with_a_schema_each_share_a_database()
    {
        await using var admin = await OpenAsync();
        await admin.ExecuteAsync("CREATE SCHEMA one; CREATE SCHEMA two");
        await using var one = Hold(_database + ";Search Path=one");
        await using var two = Hold(_database + ";Search Path=two");

        Assert.Throws<DatabaseHeldException>(() => Hold(_database + ";Search Path=one"));
    }

    [Fact]
    public async Task A_hold_that_was_cut_is_taken_again_before_the_next_writer()
    {
        await using var server = Hold(_database);
        await CutAsync();

        await server.OpenWriter().DisposeAsync();

        Assert.Throws<DatabaseHeldException>(() => Hold(_database));
    }

    [Fact]
    public async Task A_server_whose_database_was_taken_meanwhile_opens_no_writer()
    {
        await using var stopped = Hold(_database);
        await CutAsync();
        await using var successor = Hold(_database, TimeSpan.FromMinutes(1));

        Assert.Throws<DatabaseHeldException>(stopped.OpenWriter);
        Assert.Throws<DatabaseHeldException>(stopped.EnsureHeld);
        successor.EnsureHeld();
    }

    private static PostgresEngine Hold(string database, TimeSpan wait = default)
    {
        var engine = new PostgresEngine(database) { HoldWait = wait };
        engine.Hold(NullLogger.Instance);
        return engine;
    }

    private async Task<int> HolderAsync()
    {
        await using var connection = await OpenAsync();
        return await connection.QuerySingleAsync<int>(Holders);
    }

    private async Task CutAsync()
    {
        await using var connection = await OpenAsync();
        await connection.ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM ({Holders}) AS holders");
    }

    private async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(_database + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }
}
