using Signalbox.Identity.Audit;
using Signalbox.Identity.Users;
using Signalbox.Testing;

namespace Signalbox.Identity.Tests.Audit;

public sealed class AuditLogTests
{
    private static readonly User _mia = new()
    {
        Id = new UserId("mia"), SignIn = "mia", Name = "Mia", Role = UserRole.Developer, HasPassword = true, IsDisabled = false, CreatedAt = default,
    };

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Entries_are_found_by_what_who_and_where_newest_first_page_by_page(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, IdentityRoom.Migrations);
        var log = new AuditLog(test.Database, new ConsoleOptions(), test.Clock);
        for (var i = 0; i < 5; i++)
        {
            test.Clock.Advance(TimeSpan.FromMilliseconds(1));
            await log.WriteAsync(_mia, i % 2 == 0 ? "registration.delete" : "user.invite", $"thing {i}", i < 3 ? "4711" : null, i != 4, "", default);
        }

        Assert.Equal(["thing 4", "thing 2", "thing 0"], await TargetsAsync(log, new AuditQuery { Action = "registration." }));
        Assert.Equal(["thing 2", "thing 1", "thing 0"], await TargetsAsync(log, new AuditQuery { WorkspaceId = "4711" }));
        Assert.Empty(await log.ListAsync(new AuditQuery { UserId = "leo" }, default));
        var first = await log.ListAsync(new AuditQuery { Limit = 2 }, default);
        Assert.False(first[0].Succeeded);
        Assert.Equal(["thing 2", "thing 1", "thing 0"], await TargetsAsync(log, new AuditQuery { Before = first[^1].Key }));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Entries_beyond_the_retention_are_neither_shown_nor_kept(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, IdentityRoom.Migrations);
        var log = new AuditLog(test.Database, new ConsoleOptions { AuditRetention = TimeSpan.FromDays(1) }, test.Clock);
        await log.WriteAsync(_mia, "user.invite", "old", null, true, "", default);
        test.Clock.Advance(TimeSpan.FromDays(2));
        Assert.Empty(await log.ListAsync(new AuditQuery(), default));
        await log.WriteAsync(_mia, "user.invite", "new", null, true, "", default);

        var rows = await test.Database.WriteAsync(session => session.QuerySingleOrDefault<long>("SELECT COUNT(*) FROM identity_audit"));
        Assert.Equal(1, rows);
    }

    private static async Task<IEnumerable<string>> TargetsAsync(AuditLog log, AuditQuery query) => (await log.ListAsync(query, default)).Select(e => e.Target);
}
