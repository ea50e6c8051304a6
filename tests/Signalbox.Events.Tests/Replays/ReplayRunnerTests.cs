using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Signalbox.Events.Delivery;
using Signalbox.Events.Replays;
using Signalbox.Events.Tests.Delivery;
using Signalbox.Storage;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.Replays;

public sealed class ReplayRunnerTests
{
    [Fact]
    public async Task What_a_failed_commit_owes_all_the_same_keeps_its_place_in_the_order()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var hook = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test);
        var registration = way.Edit(way.Register(1, hook.Url) with { IsOrdered = true });
        await way.StartAsync();
        var release = new TaskCompletionSource();
        hook.Answer = _ => release.Task;
        await way.PublishAsync(5, registration);
        await hook.NextAsync();
        await way.PublishAsync(6, registration);
        await DeliveryEngine.UntilAsync(() => Task.FromResult(way.Dispatcher.Waiting == 1));
        using var bell = new Bell<ReplayRunner>(test.Clock);
        using var runner = new ReplayRunner(
            new InDoubt(() => way.CommitAsync(1, registration)), bell, way.Dispatcher, way, way.Options, test.Clock, NullLogger<ReplayRunner>.Instance);

        await Assert.ThrowsAsync<IOException>(() => runner.StepAsync(CancellationToken.None));
        release.SetResult();

        Assert.Equal("1", await NextIdAsync());
        Assert.Equal("6", await NextIdAsync());

        async Task<string?> NextIdAsync() => JsonDocument.Parse((await hook.NextAsync()).Body).RootElement.GetProperty("id").GetString();
    }

    [Fact]
    public async Task Replays_of_one_registration_have_their_turns()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var way = new DeliveryEngine(test, new EventsOptions { ConcurrencyPerRegistration = 1 });
        way.Register(1, new Uri("http://x/"));
        using var bell = new Bell<ReplayRunner>(test.Clock);
        var jobs = new OneRoom();
        using var runner = new ReplayRunner(jobs, bell, way.Dispatcher, way, way.Options, test.Clock, NullLogger<ReplayRunner>.Instance);

        for (var step = 0; step < 4; step++)
        {
            await runner.StepAsync(CancellationToken.None);
            jobs.Owed = 0;
            test.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(["long", "short", "long", "short"], jobs.Advanced);
    }

    private static Replay Running(long key, string id) => new()
    {
        Key = key, Id = id, RegistrationKey = 1, Kind = "range", Asked = "{}", State = ReplayState.Running,
        Cursor = 0, Until = 1_000, Total = 1, Queued = 0, Skipped = 0, Failed = 0, CreatedAt = DateTimeOffset.UnixEpoch,
    };

    /// <summary>Two replays of a registration, of which each takes all the room.</summary>
    private sealed class OneRoom : IReplayJobs
    {
        public int Owed { get; set; }

        public List<string> Advanced { get; } = [];

        public Task<IReadOnlyList<Replay>> ListActiveAsync(CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<Replay>>([Running(1, "long"), Running(2, "short")]);

        public Task<int> CountDueAsync(long registrationKey, CancellationToken cancellationToken) => Task.FromResult(Owed);

        public Task<int?> AdvanceAsync(Replay replay, int limit, CancellationToken cancellationToken)
        {
            Advanced.Add(replay.Id);
            Owed += limit;
            return Task.FromResult<int?>(0);
        }

        public Task<bool> WithdrawAsync(Replay replay, CancellationToken cancellationToken) => Task.FromResult(true);

        public Task EndAsync(string id, ReplayState state, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<int> DeleteEndedAsync(TimeSpan age, CancellationToken cancellationToken) => Task.FromResult(0);
    }

    /// <summary>Tables whose commit takes effect and is not answered.</summary>
    private sealed class InDoubt(Func<Task> advance) : IReplayJobs
    {
        public Task<IReadOnlyList<Replay>> ListActiveAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Replay>>(
        [
            Running(1, "replay"),
        ]);

        public Task<int> CountDueAsync(long registrationKey, CancellationToken cancellationToken) => Task.FromResult(0);

        public async Task<int?> AdvanceAsync(Replay replay, int limit, CancellationToken cancellationToken)
        {
            await advance();
            throw new IOException("The connection was cut while the commit was under way.");
        }

        public Task<bool> WithdrawAsync(Replay replay, CancellationToken cancellationToken) => Task.FromResult(true);

        public Task EndAsync(string id, ReplayState state, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<int> DeleteEndedAsync(TimeSpan age, CancellationToken cancellationToken) => Task.FromResult(0);
    }
}
