using Signalbox.Identity.Sessions;
using Signalbox.Identity.Users;
using Signalbox.Testing;

namespace Signalbox.Identity.Tests.Users;

public sealed class UserDirectoryTests
{
    private const string Password = "a lamp for every signal";

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task The_first_link_sets_the_administrators_password_once(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, IdentityRoom.Migrations);
        var users = NewUsers(test);
        var first = await users.EnsureAdministratorAsync(default);
        var second = await users.EnsureAdministratorAsync(default);
        Assert.NotNull(first);
        Assert.NotNull(second);

        // A newer link replaces the one before.
        Assert.Null(await users.FindByLinkAsync(first.Token, default));
        Assert.Equal(UserRole.SystemAdministrator, (await users.FindByLinkAsync(second.Token, default))!.Role);

        Assert.Contains("5 characters", (await users.RedeemAsync(second.Token, "short", default)).Refusal!.Message, StringComparison.Ordinal);
        var (user, refusal) = await users.RedeemAsync(second.Token, Password, default);
        Assert.Null(refusal);
        Assert.Equal("admin", user!.SignIn);
        Assert.NotNull((await users.RedeemAsync(second.Token, Password, default)).Refusal);
        Assert.Null(await users.EnsureAdministratorAsync(default));

        Assert.NotNull(await users.AuthenticateAsync(" ADMIN ", Password, default));
        Assert.Null(await users.AuthenticateAsync("admin", Password + "!", default));
        Assert.Null(await users.AuthenticateAsync("nobody", Password, default));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_link_ends_with_its_time(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, IdentityRoom.Migrations);
        var users = NewUsers(test);
        var link = (await users.EnsureAdministratorAsync(default))!;
        test.Clock.Advance(new ConsoleOptions().LinkLifetime);
        Assert.Null(await users.FindByLinkAsync(link.Token, default));
        Assert.NotNull((await users.RedeemAsync(link.Token, Password, default)).Refusal);
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task The_last_administrator_stays_and_a_disabled_user_is_out_at_once(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, IdentityRoom.Migrations);
        var (users, sessions) = (NewUsers(test), new UserSessions(test.Database, new ConsoleOptions(), test.Clock));
        var admin = (await users.RedeemAsync((await users.EnsureAdministratorAsync(default))!.Token, Password, default)).User!;
        Assert.NotNull(await users.ChangeAsync(admin.Id, UserRole.Viewer, isDisabled: false, default));
        Assert.NotNull(await users.ChangeAsync(admin.Id, UserRole.SystemAdministrator, isDisabled: true, default));

        var (mia, _) = await users.InviteAsync("Mia@Example.com", "Mia", UserRole.Developer, default);
        Assert.Equal("mia@example.com", mia!.SignIn);
        Assert.Contains("already", (await users.InviteAsync("mia@example.com", "", UserRole.Viewer, default)).Refusal!.Message, StringComparison.Ordinal);
        Assert.NotNull((await users.InviteAsync("two words", "", UserRole.Viewer, default)).Refusal);
        await users.RedeemAsync((await users.IssueLinkAsync(mia.Id, default)).Token, Password, default);
        var token = await sessions.StartAsync(mia.Id, "192.0.2.7", "Firefox", default);
        Assert.Null(await users.ChangeAsync(mia.Id, UserRole.Developer, isDisabled: true, default));

        Assert.Null(await sessions.FindByTokenAsync(token, default));
        Assert.Null(await users.AuthenticateAsync("mia@example.com", Password, default));
        Assert.Null(await users.IssueLinkAsync("mia@example.com", default));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_new_password_by_link_ends_all_sessions(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, IdentityRoom.Migrations);
        var (users, sessions) = (NewUsers(test), new UserSessions(test.Database, new ConsoleOptions(), test.Clock));
        var admin = (await users.RedeemAsync((await users.EnsureAdministratorAsync(default))!.Token, Password, default)).User!;
        var token = await sessions.StartAsync(admin.Id, "192.0.2.7", "Firefox", default);
        Assert.NotNull(await sessions.FindByTokenAsync(token, default));

        await users.RedeemAsync((await users.IssueLinkAsync(admin.Id, default)).Token, Password + " again", default);
        Assert.Null(await sessions.FindByTokenAsync(token, default));
        Assert.Null(await users.AuthenticateAsync("admin", Password, default));
    }

    private static UserDirectory NewUsers(TestDatabase test) => new(new UserStore(test.Database), new ConsoleOptions(), test.Clock);
}
