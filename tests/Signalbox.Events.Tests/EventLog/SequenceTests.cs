using Signalbox.Events.EventLog;
using Signalbox.Events.Registrations;
using Signalbox.Storage;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.EventLog;

/// <summary>The numbers of events, in which journals are read.</summary>
public sealed class SequenceTests
{
    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task They_grow_past_a_failed_write_and_a_restart_and_none_comes_twice(TestEngine engine)
    {
        await using var server = await EventsServer.StartAsync(engine);
        var log = server.AnotherLog();
        var first = await AppendAsync(log, 2);
        var second = await AppendAsync(log, 1);

        // The writer trusts no connection that failed, nor what it had taken by it.
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => server.Get<Database>().WriteAsync<int>(_ => throw new InvalidOperationException("A bug.")));
        var third = await AppendAsync(log, 1);
        var restarted = await AppendAsync(server.AnotherLog(), 3);

        long[] all = [.. first, .. second, .. third, .. restarted];
        Assert.Equal(all.Order().Distinct(), all);
        Assert.Equal(first[0] + 2, second[0]);
        Assert.Equal(restarted[0] + 2, restarted[2]);
    }

    [Fact]
    public async Task An_only_writer_takes_so_many_that_they_seldom_run_out_and_then_takes_more()
    {
        await using var server = await EventsServer.StartAsync();
        var log = server.AnotherLog();
        var last = (await AppendAsync(log, 9_999))[^1];

        for (var i = 0; i < 5; i++)
        {
            var next = await AppendAsync(log, 3);
            Assert.Equal([last + 1, last + 2, last + 3], next);
            last = next[^1];
        }

        var many = await AppendAsync(log, 20_000);
        Assert.True(many[0] > last);
        Assert.Equal(many[0] + 19_999, many[^1]);
        Assert.Equal(9_999 + 15 + 20_000, await server.CountAsync("events"));
    }

    [Fact]
    public async Task Nodes_that_append_by_turns_take_no_number_twice_and_leave_none_out()
    {
        await using var server = await EventsServer.StartAsync(TestEngine.Postgresql);
        var (one, other) = (server.AnotherLog(), server.AnotherLog());
        var all = new List<long>();

        // Whoever appends twice takes for granted the second time that nobody came between.
        foreach (var log in new[] { one, one, other, other, one, other, one, one, one, other })
        {
            all.AddRange(await AppendAsync(log, 2));
        }

        Assert.Equal(Enumerable.Range((int)all[0], 20).Select(number => (long)number), all);
        Assert.Equal(20, await server.CountAsync("events"));
    }

    private static async Task<IReadOnlyList<long>> AppendAsync(Events.EventLog.EventLog log, int count)
    {
        var provider = Guid.NewGuid().ToString("D");
        var events = Enumerable.Range(0, count).Select(_ => new PublishedEvent(provider, new Audience("a", []), "{}"u8.ToArray(), null));
        return [.. (await log.AppendAsync([.. events], default)).Select(accepted => accepted!.Sequence)];
    }
}
