using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Signalbox.Events.EventLog;
using Signalbox.Events.Registrations;
using Signalbox.Events.Traffic;
using Signalbox.Storage;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.Ingress;

public sealed class DeduplicationTests
{
    public static TheoryData<TestEngine> Engines => [TestEngine.Sqlite, TestEngine.Postgresql];

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task An_event_published_again_within_the_window_is_acknowledged_and_stored_once(TestEngine engine)
    {
        await using var server = await EventsServer.StartAsync(engine);
        var provider = await PrepareAsync(server);

        Assert.Equal(HttpStatusCode.OK, await server.PublishAsync(provider, "a.b", id: "1"));
        Assert.Equal(HttpStatusCode.OK, await server.PublishAsync(provider, "a.b", """{"other":"data"}""", id: "1"));
        Assert.Equal(HttpStatusCode.OK, await server.PublishAsync(provider, "a.b", id: @"\u0031"));
        server.Clock.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(HttpStatusCode.OK, await server.PublishAsync(provider, "a.b", id: "1"));

        Assert.Equal(1, await server.CountAsync("events"));
        Assert.Equal(1, await server.CountAsync("journal"));
        Assert.Equal(1, await server.CountAsync("deliveries"));
        Assert.Single(server.Queue.Offers);
    }

    [Fact]
    public async Task After_the_window_it_is_a_new_event()
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await PrepareAsync(server);
        await server.PublishAsync(provider, "a.b", id: "1");

        server.Clock.Advance(TimeSpan.FromMinutes(10));
        await server.PublishAsync(provider, "a.b", id: "1");

        Assert.Equal(2, await server.CountAsync("events"));
    }

    [Fact]
    public async Task A_window_of_zero_stores_every_event()
    {
        await using var server = await EventsServer.StartAsync(options: new EventsOptions { DeduplicationWindow = TimeSpan.Zero });
        var provider = await PrepareAsync(server);

        await server.PublishAsync(provider, "a.b", id: "1");
        await server.PublishAsync(provider, "a.b", id: "1");

        Assert.Equal(2, await server.CountAsync("events"));
    }

    [Fact]
    public async Task The_same_id_of_another_provider_is_another_event()
    {
        await using var server = await EventsServer.StartAsync();
        var first = await PrepareAsync(server);
        var second = await server.CreateProviderAsync("a.b");
        await server.RegisterAsync("Second", second, "a.b");

        await server.PublishAsync(first, "a.b", id: "1");
        await server.PublishAsync(second, "a.b", id: "1");
        await server.PublishAsync(first.ToUpperInvariant(), "a.b", id: "1");

        Assert.Equal(2, await server.CountAsync("events"));
    }

    [Fact]
    public async Task What_nobody_wanted_was_not_published()
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a.b");
        Assert.Equal(HttpStatusCode.NoContent, await server.PublishAsync(provider, "a.b", id: "1"));

        await server.RegisterAsync("Late", provider, "a.b");
        Assert.Equal(HttpStatusCode.OK, await server.PublishAsync(provider, "a.b", id: "1"));

        Assert.Equal(1, await server.CountAsync("events"));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Of_many_publishes_of_one_id_at_once_one_is_stored(TestEngine engine)
    {
        await using var server = await EventsServer.StartAsync(engine);
        var provider = await PrepareAsync(server);

        var answers = await Task.WhenAll(Enumerable.Range(0, 120).Select(i => server.PublishAsync(provider, "a.b", id: $"{i % 6}")));

        Assert.All(answers, status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.Equal(6, await server.CountAsync("events"));
        Assert.Equal(6, server.Queue.Offers.Count);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task It_survives_a_restart(TestEngine engine)
    {
        await using var server = await EventsServer.StartAsync(engine);
        var provider = await PrepareAsync(server);
        for (var i = 0; i < 5; i++)
        {
            await server.PublishAsync(provider, "a.b", id: $"{i}");
        }

        // What a new process has: the database, and nothing in memory.
        var log = server.AnotherLog(new EventsOptions());
        var stored = await log.AppendAsync([Again(provider, "0"), Again(provider, "4"), Again(provider, "5"), Again(provider, "5")], default);

        Assert.Equal([false, false, true, false], stored.Select(e => e is not null));
        Assert.Equal(6, await server.CountAsync("events"));
    }

    // On SQLite there is one node, which numbers events ahead.
    [Fact]
    public async Task What_another_node_stored_is_known()
    {
        await using var server = await EventsServer.StartAsync(TestEngine.Postgresql);
        var provider = await PrepareAsync(server);
        var other = server.AnotherLog(new EventsOptions());
        await other.AppendAsync([Again(provider, "first")], default);

        await server.PublishAsync(provider, "a.b", id: "between");
        var again = await other.AppendAsync([Again(provider, "between"), Again(provider, "new")], default);
        await server.PublishAsync(provider, "a.b", id: "new");

        Assert.Equal([false, true], again.Select(e => e is not null));
        Assert.Equal(3, await server.CountAsync("events"));
    }

    [Fact]
    public async Task A_write_that_was_rolled_back_does_not_count()
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await PrepareAsync(server);
        var nobody = new Audience("a.b", []);
        var log = server.AnotherLog(new EventsOptions());

        // A provider of null violates the table; the whole request is rolled back.
        await Assert.ThrowsAnyAsync<Exception>(() => log.AppendAsync(
            [Again(provider, "1"), new PublishedEvent(null!, nobody, [], null)], default));
        var stored = await log.AppendAsync([Again(provider, "1")], default);

        Assert.NotNull(stored[0]);
        Assert.Equal(1, await server.CountAsync("events"));
    }

    [Fact]
    public async Task Only_the_newest_ids_are_kept_in_memory()
    {
        await using var server = await EventsServer.StartAsync(options: new EventsOptions { DeduplicationEventsMax = 80 });
        var provider = await PrepareAsync(server);
        for (var i = 0; i < 200; i++)
        {
            await server.PublishAsync(provider, "a.b", id: $"{i}");
        }

        await server.PublishAsync(provider, "a.b", id: "0");
        await server.PublishAsync(provider, "a.b", id: "199");
        await server.PublishAsync(provider, "a.b", id: "140");

        Assert.Equal(201, await server.CountAsync("events"));
    }

    private static PublishedEvent Again(string provider, string id) =>
        new(provider, new Audience("a.b", []), "{}"u8.ToArray(), null)
        {
            Key = PublishedKey.Of(Guid.Parse(provider), System.Text.Encoding.UTF8.GetBytes(id)),
        };

    private static async Task<string> PrepareAsync(EventsServer server)
    {
        var provider = await server.CreateProviderAsync("a.b");
        await server.RegisterAsync("Mine", provider, "a.b", """
            "delivery_type":"webhook","runtime_action":"pkg/act"
            """);
        return provider;
    }
}
