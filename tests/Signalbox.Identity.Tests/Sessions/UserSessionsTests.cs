using Signalbox.Identity.Sessions;
using Signalbox.Identity.Users;
using Signalbox.Testing;

namespace Signalbox.Identity.Tests.Sessions;

public sealed class UserSessionsTests
{
    private static readonly ConsoleOptions _options = new() { SessionIdle = TimeSpan.FromHours(1), SessionLifetime = TimeSpan.FromHours(4) };

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_session_lives_while_it_is_used_and_never_beyond_its_end(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, IdentityRoom.Migrations);
        var (sessions, user) = await StartAsync(test);
        var idle = await sessions.StartAsync(user, "192.0.2.7", "Firefox", default);
        var used = await sessions.StartAsync(user, "192.0.2.8", "Chrome", default);
        for (var i = 0; i < 4; i++)
        {
            test.Clock.Advance(TimeSpan.FromMinutes(55));
            Assert.NotNull(await sessions.FindByTokenAsync(used, default));
        }

        Assert.Null(await sessions.FindByTokenAsync(idle, default));
        Assert.Equal("192.0.2.8", Assert.Single(await sessions.ListAsync(user, default)).Address);
        test.Clock.Advance(TimeSpan.FromMinutes(20));
        Assert.Null(await sessions.FindByTokenAsync(used, default));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Sessions_are_listed_and_ended_but_only_by_their_user(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, IdentityRoom.Migrations);
        var (sessions, user) = await StartAsync(test);
        var first = await sessions.StartAsync(user, "192.0.2.7", "Firefox", default);
        var second = await sessions.StartAsync(user, "192.0.2.8", "Chrome", default);
        var third = await sessions.StartAsync(user, "192.0.2.9", "Safari", default);
        var kept = (await sessions.FindByTokenAsync(second, default))!;

        await sessions.EndAsync(new UserId("someone else"), kept.Id, default);
        Assert.NotNull(await sessions.FindAsync(kept.Id, default));
        await sessions.EndAllAsync(user, kept.Id, default);
        Assert.Equal([kept.Id], (await sessions.ListAsync(user, default)).Select(s => s.Id));
        Assert.Null(await sessions.FindByTokenAsync(first, default));
        Assert.Null(await sessions.FindByTokenAsync(third, default));
        await sessions.EndByTokenAsync(second, default);
        Assert.Empty(await sessions.ListAsync(user, default));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task The_least_used_of_more_than_50_sessions_give_way(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, IdentityRoom.Migrations);
        var (sessions, user) = await StartAsync(test);
        var first = await sessions.StartAsync(user, "first", "", default);
        for (var i = 0; i < 50; i++)
        {
            test.Clock.Advance(TimeSpan.FromSeconds(1));
            await sessions.StartAsync(user, "192.0.2.7", "", default);
        }

        Assert.Equal(50, (await sessions.ListAsync(user, default)).Count);
        Assert.Null(await sessions.FindByTokenAsync(first, default));
    }

    private static async Task<(UserSessions Sessions, UserId User)> StartAsync(TestDatabase test)
    {
        var users = new UserDirectory(new UserStore(test.Database), _options, test.Clock);
        var (user, _) = await users.InviteAsync("mia", "Mia", UserRole.Viewer, default);
        return (new UserSessions(test.Database, _options, test.Clock), user!.Id);
    }
}
