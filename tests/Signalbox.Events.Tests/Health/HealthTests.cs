using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Signalbox.Events.Health;
using Signalbox.Events.Registrations;
using Signalbox.Events.Tests.Delivery;
using Signalbox.Events.Tests.Registrations;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.Health;

public sealed class HealthTests
{
    private const string Webhook = """
        "delivery_type":"webhook","webhook_url":"https://example.com/hook"
        """;

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_failing_webhook_becomes_unstable_then_disabled_and_an_edit_brings_it_back(TestEngine engine)
    {
        await using var server = await EventsServer.StartAsync(engine);
        var provider = await server.CreateProviderAsync("a");
        var path = $"{server.Workspace}/registrations/{(await server.RegisterAsync("one", provider, "a", Webhook)).GetProperty("registration_id").GetString()}";

        await FailAsync(server, path, 9);
        await server.Get<HealthMonitor>().SweepAsync(default);
        Assert.Equal("verified", await StatusAsync(server, path));
        await FailAsync(server, path, 1);
        await DeliveryEngine.UntilAsync(async () => await StatusAsync(server, path) == "unstable");
        Assert.Equal(HttpStatusCode.OK, await server.PublishAsync(provider, "a"));
        Assert.Single(server.Queue.Offers);

        server.Clock.Advance(TimeSpan.FromHours(23));
        await FailAsync(server, path, 10);
        await server.Get<HealthMonitor>().SweepAsync(default);
        Assert.Equal("unstable", await StatusAsync(server, path));
        server.Clock.Advance(TimeSpan.FromHours(1.1));
        await server.Get<HealthMonitor>().SweepAsync(default);

        var disabled = await server.SendAsync(HttpMethod.Get, path);
        Assert.Equal(("hook_unreachable", false), (disabled.Body.GetProperty("webhook_status").GetString(), disabled.Body.GetProperty("enabled").GetBoolean()));
        Assert.Equal(HttpStatusCode.OK, await server.PublishAsync(provider, "a", id: "2"));
        Assert.Single(server.Queue.Offers);
        Assert.Equal(2, await server.CountAsync("journal"));
        Assert.Equal(
            [WebhookStatus.Unstable, WebhookStatus.HookUnreachable],
            server.Notices.Added.Select(notice => notice.Registration.Status));

        var edited = await server.SendAsync(HttpMethod.Put, path, server.RegistrationJson("one", provider, "a", Webhook));
        Assert.Equal(("verified", true), (edited.Body.GetProperty("webhook_status").GetString(), edited.Body.GetProperty("enabled").GetBoolean()));
        await FailAsync(server, path, 9);
        await server.Get<HealthMonitor>().SweepAsync(default);

        var history = (await server.SendAsync(HttpMethod.Get, path + "/status-history")).Body;
        Assert.Equal((9, 9), (history.GetProperty("attempts").GetInt64(), history.GetProperty("failures").GetInt64()));
        Assert.Equal(
            ["challenge_answered", "endpoint_still_fails", "endpoint_fails", "challenge_answered", "created"],
            history.GetProperty("_embedded").GetProperty("status_changes").EnumerateArray().Select(c => c.GetProperty("reason").GetString()!));
    }

    [Fact]
    public async Task A_success_that_leaves_a_webhook_bad_makes_it_unstable_at_once()
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a");
        var path = $"{server.Workspace}/registrations/{(await server.RegisterAsync("one", provider, "a", Webhook)).GetProperty("registration_id").GetString()}";

        await CountAsync(server, path, 9, isSuccess: false);
        await CountAsync(server, path, 1, isSuccess: true);

        await DeliveryEngine.UntilAsync(async () => await StatusAsync(server, path) == "unstable");
    }

    [Fact]
    public async Task An_unstable_webhook_that_works_again_is_active_after_24_hours()
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a");
        var path = $"{server.Workspace}/registrations/{(await server.RegisterAsync("one", provider, "a", Webhook)).GetProperty("registration_id").GetString()}";
        await FailAsync(server, path, 10);
        await DeliveryEngine.UntilAsync(async () => await StatusAsync(server, path) == "unstable");

        server.Clock.Advance(TimeSpan.FromHours(24.1));
        await server.Get<HealthMonitor>().SweepAsync(default);

        Assert.Equal("verified", await StatusAsync(server, path));
    }

    [Fact]
    public async Task A_count_that_an_edit_started_anew_holds_nothing_from_before_also_when_nobody_told_the_ledger()
    {
        await using var server = await EventsServer.StartAsync();
        var created = await server.RegisterAsync("one", await server.CreateProviderAsync("a"), "a", Webhook);
        var before = (await server.Get<RegistrationDirectory>().FindAsync(new RegistrationId(created.GetProperty("registration_id").GetGuid()), default))!;
        var (ledger, now) = (server.Get<HealthLedger>(), server.Clock.GetUtcNow());
        for (var i = 0; i < 9; i++)
        {
            ledger.Add(before, isSuccess: false, now);
        }

        // As it is read again after an edit whose commit took effect and threw.
        var edited = before with { MeasuredSince = before.MeasuredSince.AddMilliseconds(1) };
        Assert.Equal(default, ledger.Find(edited, now));

        Assert.Equal(new AttemptTally(1, 1), ledger.Add(edited, isSuccess: false, now));
        Assert.Equal(default, ledger.Add(before, isSuccess: false, now));
        Assert.Equal(new AttemptTally(1, 1), ledger.Find(edited, now));
        Assert.Equal([new AttemptCount(edited.Key, edited.MeasuredSince, AttemptWindow.StepOf(now), new(1, 1))], ledger.TakeUnsaved());
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Counts_add_up_in_the_database_and_go_with_time(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, EventsRoom.Migrations);
        var store = new HealthStore(test.Database);
        var since = test.Clock.GetUtcNow();

        await store.AddAsync([new(1, since, 7, new(2, 1)), new(1, since, 8, new(1, 1))], default);
        await store.AddAsync([new(1, since, 7, new(3, 3))], default);

        Assert.Equal(
            [new(1, since, 7, new(5, 4)), new AttemptCount(1, since, 8, new(1, 1))],
            (await store.LoadAsync(7, default)).OrderBy(c => c.Step));
        Assert.Equal(1, await store.DeleteAsync(8, 500, default));
        Assert.Single(await store.LoadAsync(0, default));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Counts_that_could_not_be_saved_or_restored_are_the_next_time(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, EventsRoom.Migrations);
        var thresholds = HealthThresholds.Of(new EventsOptions());
        using var directory = new RegistrationDirectory(new RegistrationStore(test.Database));
        var registration = Registered.Webhook("one", test.Clock.GetUtcNow());
        await directory.ChangeAsync(async _ => (await new RegistrationStore(test.Database).InsertAsync(registration, 1, 1)).Added, default);
        registration = (await directory.FindAsync(registration.Id, default))!;
        var ledger = new HealthLedger(thresholds);
        using var monitor = Monitor(ledger);
        ledger.Add(registration, isSuccess: false, test.Clock.GetUtcNow());

        await RenameAsync("attempt_counts", "elsewhere");
        await Assert.ThrowsAnyAsync<Exception>(() => monitor.SaveAsync(default));
        await RenameAsync("elsewhere", "attempt_counts");
        await monitor.SaveAsync(default);
        await monitor.SaveAsync(default);

        await RenameAsync("attempt_counts", "elsewhere");
        var restored = new HealthLedger(thresholds);
        var failures = new LoggedFailures();
        using var afterRestart = Monitor(restored, failures);
        await afterRestart.StartAsync(default);
        await DeliveryEngine.UntilAsync(() => Task.FromResult(failures.Count > 0));
        await RenameAsync("elsewhere", "attempt_counts");
        await DeliveryEngine.UntilAsync(() =>
        {
            test.Clock.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(restored.Find(registration, test.Clock.GetUtcNow()) == new AttemptTally(1, 1));
        });
        await afterRestart.StopAsync(default);

        HealthMonitor Monitor(HealthLedger counted, ILogger<HealthMonitor>? logger = null) => new(
            counted, new HealthStore(test.Database), directory, new RegistrationStore(test.Database), thresholds, new RecordingNotices(), test.Clock, logger ?? NullLogger<HealthMonitor>.Instance);

        Task RenameAsync(string table, string name) => test.Database.WriteAsync(session => session.Execute($"ALTER TABLE {table} RENAME TO {name}"));
    }

    [Fact]
    public async Task The_history_is_bounded()
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a");
        var created = await server.RegisterAsync("one", provider, "a", Webhook);
        var store = server.Get<RegistrationStore>();
        var registration = (await server.Get<RegistrationDirectory>().FindAsync(new RegistrationId(created.GetProperty("registration_id").GetGuid()), default))!;

        for (var i = 0; i < StatusHistory.KeptMax + 5; i++)
        {
            var next = registration with { IsEnabled = !registration.IsEnabled };
            await store.UpdateStateAsync(registration, next);
            registration = next;
        }

        var entries = await server.Get<StatusHistory>().ListAsync(registration.Key, default);
        Assert.Equal(StatusHistory.KeptMax, entries.Count);
        Assert.Equal(["disabled_by_user", "enabled_by_user"], entries.Take(2).Select(e => e.Reason));
    }

    private sealed class LoggedFailures : ILogger<HealthMonitor>
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Interlocked.Increment(ref _count);
    }

    private static async Task<string?> StatusAsync(EventsServer server, string path) =>
        (await server.SendAsync(HttpMethod.Get, path)).Body.GetProperty("webhook_status").GetString();

    private static Task FailAsync(EventsServer server, string path, int times) => CountAsync(server, path, times, isSuccess: false);

    private static async Task CountAsync(EventsServer server, string path, int times, bool isSuccess)
    {
        var id = new RegistrationId(Guid.Parse(path[(path.LastIndexOf('/') + 1)..]));
        var registration = (await server.Get<RegistrationDirectory>().FindAsync(id, default))!;
        for (var i = 0; i < times; i++)
        {
            server.Get<IAttemptCounter>().Count(registration, isSuccess, server.Clock.GetUtcNow());
        }
    }
}
