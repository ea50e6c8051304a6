using Microsoft.Extensions.Logging.Abstractions;
using Signalbox.Events.Registrations;
using Signalbox.Events.Traffic;
using Signalbox.Identity;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.Traffic;

public sealed class TrafficTests
{
    private static readonly WorkspaceId _workspace = new("4711");

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task What_was_counted_outlives_a_restart_and_is_counted_once(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, EventsRoom.Migrations);
        var (ledger, keeper) = New(test);
        await keeper.StartAsync(default);
        await EventuallyAsync(() => ledger.Find(_workspace).IsComplete);
        ledger.CountPublished([NewRegistration(1), NewRegistration(2), NewRegistration(3) with { WorkspaceId = new WorkspaceId("4712") }]);
        ledger.CountAttempt(NewRegistration(1), 3, isSuccess: true, TimeSpan.FromMilliseconds(100));
        ledger.CountAttempt(NewRegistration(2), 1, isSuccess: false, TimeSpan.FromSeconds(3));
        await keeper.SaveAsync(default);
        ledger.CountPublished([NewRegistration(1)]);
        await keeper.StopAsync(default);

        test.Clock.Advance(TimeSpan.FromMinutes(2));
        var (restarted, restoring) = New(test);
        Assert.False(restarted.Find(_workspace).IsComplete);
        restarted.CountPublished([NewRegistration(1)]);
        await restoring.StartAsync(default);
        await EventuallyAsync(() => restarted.Find(_workspace).IsComplete);
        var hour = restarted.Find(_workspace);
        await restoring.StopAsync(default);

        Assert.Equal(60, hour.Minutes.Count);
        Assert.Equal(new TrafficMinute { At = hour.Minutes[0].At, Published = 3, Delivered = 3, Attempts = 2, Failures = 1, Slow = 1, Duration = TimeSpan.FromMilliseconds(3100) }, hour.Total);
        Assert.Equal(2, hour.Minutes[57].Published);
        Assert.Equal(1, hour.Minutes[59].Published);
        Assert.Equal(1, restarted.Find(new WorkspaceId("4712")).Total.Published);
    }

    [Fact]
    public async Task Minutes_leave_after_an_hour_and_from_the_table_after_a_day()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        var ledger = new TrafficLedger(test.Clock);
        ledger.CountPublished([NewRegistration(1)]);
        var store = new TrafficStore(test.Database);
        await store.AddAsync(ledger.TakeUnsaved(), default);
        test.Clock.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(1, ledger.Find(_workspace).Total.Published);
        test.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, ledger.Find(_workspace).Total.Published);

        var minute = TrafficLedger.MinuteOf(test.Clock.GetUtcNow());
        Assert.Single(await store.LoadAsync(0, default));
        Assert.Equal(1, await store.DeleteAsync(minute, 10, default));
        Assert.Empty(await store.LoadAsync(0, default));
    }

    [Fact]
    public void What_could_not_be_saved_is_saved_later()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UnixEpoch.AddDays(1));
        var ledger = new TrafficLedger(clock);
        ledger.CountPublished([NewRegistration(1)]);
        var unsaved = ledger.TakeUnsaved();
        Assert.Empty(ledger.TakeUnsaved());
        ledger.CountPublished([NewRegistration(1)]);
        ledger.Return(unsaved);
        Assert.Equal(2, Assert.Single(ledger.TakeUnsaved()).Published);
        Assert.Equal(2, ledger.Find(_workspace).Total.Published);
    }

    private static (TrafficLedger Ledger, TrafficKeeper Keeper) New(TestDatabase test)
    {
        var ledger = new TrafficLedger(test.Clock);
        return (ledger, new TrafficKeeper(ledger, new TrafficStore(test.Database), test.Clock, NullLogger<TrafficKeeper>.Instance));
    }

    private static async Task EventuallyAsync(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!holds())
        {
            await Task.Delay(10, patience.Token);
        }
    }

    private static Registration NewRegistration(long key) => new()
    {
        Key = key,
        Id = new RegistrationId(Guid.NewGuid()),
        OrganizationId = new OrganizationId("1"),
        ProjectId = new ProjectId("2"),
        WorkspaceId = _workspace,
        ClientId = new ClientId("client"),
        CredentialId = new CredentialId("3"),
        Name = $"registration {key}",
        Description = "",
        DeliveryType = DeliveryType.Webhook,
        IsEnabled = true,
        Status = WebhookStatus.Verified,
        Interests = [],
        CreatedAt = default,
        UpdatedAt = default,
        MeasuredSince = default,
    };
}
