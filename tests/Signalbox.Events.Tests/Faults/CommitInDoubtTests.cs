using Signalbox.Events.Registrations;
using Signalbox.Events.Signing;
using Signalbox.Events.Tests.Registrations;
using Signalbox.Storage.Faults;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.Faults;

[Collection(nameof(CommitsInDoubt))]
public sealed class CommitInDoubtTests
{
    [Fact]
    public async Task A_key_that_was_renewed_signs_from_then_on()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        using var keys = new SigningKeys(test.Database, test.Secrets, new EventsOptions(), test.Clock);
        var before = (await keys.GetAsync(default)).Current;
        test.Clock.Advance(TimeSpan.FromDays(1));

        await ThrowAfterCommitAsync(() => new KeyRotation(keys, test.Clock).RotateAsync(1, force: true, default));

        var now = (await keys.GetAsync(default)).Current;
        using var afterRestart = new SigningKeys(test.Database, test.Secrets, new EventsOptions(), test.Clock);
        Assert.NotEqual(before.Key1.Id, now.Key1.Id);
        Assert.Equal((await afterRestart.GetAsync(default)).Current.Key1.Id, now.Key1.Id);
    }

    [Fact]
    public async Task An_edit_is_told_when_it_is_read_again()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        var store = new RegistrationStore(test.Database);
        using var directory = new RegistrationDirectory(store);
        var other = await InsertAsync(directory, store, "other", test.Clock.GetUtcNow());
        var registration = await InsertAsync(directory, store, "one", test.Clock.GetUtcNow());
        var told = new List<Registration>();
        directory.Changed += told.Add;
        var edited = registration with { Description = "New", UpdatedAt = registration.Later(test.Clock.GetUtcNow()) };

        await ThrowAfterCommitAsync(() => directory.ChangeAsync(
            async _ =>
            {
                await store.UpdateAsync(registration, edited);
                return edited;
            },
            default));
        Assert.Empty(told);

        Assert.Equal("New", (await directory.FindAsync(registration.Key, default))!.Description);
        await directory.FindAsync(other.Key, default);
        Assert.Equal(["New"], told.Select(r => r.Description));
    }

    [Fact]
    public async Task A_registration_that_was_purged_is_forgotten()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        var store = new RegistrationStore(test.Database);
        using var directory = new RegistrationDirectory(store);
        var registration = await InsertAsync(directory, store, "one", test.Clock.GetUtcNow());
        await directory.ChangeAsync(
            async _ =>
            {
                var deleted = registration with { DeletedAt = test.Clock.GetUtcNow(), UpdatedAt = registration.Later(test.Clock.GetUtcNow()) };
                await store.UpdateStateAsync(registration, deleted);
                return deleted;
            },
            default);

        await ThrowAfterCommitAsync(() => directory.PurgeAsync(test.Clock.GetUtcNow(), default));

        Assert.Null(await directory.FindAsync(registration.Key, default));
    }

    private static async Task<Registration> InsertAsync(RegistrationDirectory directory, RegistrationStore store, string name, DateTimeOffset at) =>
        (await directory.ChangeAsync(async _ => (await store.InsertAsync(Registered.Webhook(name, at), 10, 10)).Added, default))!;

    /// <summary>Runs a change of which the next commit takes effect and throws.</summary>
    private static async Task ThrowAfterCommitAsync(Func<Task> change)
    {
        Failpoints.Arm($"{Failpoint.CommitAfter}=error");
        try
        {
            await Assert.ThrowsAnyAsync<Exception>(change);
        }
        finally
        {
            Failpoints.Arm(null);
        }
    }
}
