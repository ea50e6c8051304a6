using Signalbox.Events.Signing;
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
