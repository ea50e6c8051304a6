using Signalbox.Identity.Users;
using Signalbox.Testing;

namespace Signalbox.Identity.Tests.Users;

public sealed class ExternalSignInTests
{
    private static readonly ExternalIdentity _mia = new() { Issuer = "https://login.example.com", Subject = "s-1", VerifiedEmail = "Mia@example.com", Name = "Mia" };

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Whoever_was_invited_is_admitted_by_a_verified_address_and_then_by_subject(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, IdentityRoom.Migrations);
        var (external, users) = New(test);
        Assert.Contains("invited", (await external.AdmitAsync(_mia, default)).Refusal!.Message, StringComparison.Ordinal);
        var (invited, _) = await users.InviteAsync("mia@example.com", "Mia", UserRole.Developer, default);
        Assert.NotNull((await external.AdmitAsync(_mia with { VerifiedEmail = null }, default)).Refusal);

        Assert.Equal(invited!.Id, (await external.AdmitAsync(_mia, default)).User!.Id);
        // The address may change; the subject does not.
        Assert.Equal(invited.Id, (await external.AdmitAsync(_mia with { VerifiedEmail = null }, default)).User!.Id);
        Assert.NotNull((await external.AdmitAsync(_mia with { Issuer = "https://evil.example.com", VerifiedEmail = null }, default)).Refusal);
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task The_role_claim_admits_and_is_followed_but_never_takes_the_last_administrator(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, IdentityRoom.Migrations);
        var (external, users) = New(test);
        var admin = (await external.AdmitAsync(_mia with { Role = UserRole.SystemAdministrator }, default)).User!;
        Assert.Equal("mia@example.com", admin.SignIn);
        Assert.Equal(UserRole.SystemAdministrator, (await external.AdmitAsync(_mia with { Role = UserRole.Viewer }, default)).User!.Role);

        var leo = _mia with { Subject = "s-2", VerifiedEmail = "leo@example.com", Role = UserRole.SystemAdministrator };
        var second = (await external.AdmitAsync(leo, default)).User!;
        Assert.Equal(UserRole.Viewer, (await external.AdmitAsync(leo with { Role = UserRole.Viewer }, default)).User!.Role);
        Assert.Equal(UserRole.Viewer, (await users.FindAsync(second.Id, default))!.Role);
        await users.ChangeAsync(second.Id, UserRole.Viewer, isDisabled: true, default);
        Assert.Contains("disabled", (await external.AdmitAsync(leo, default)).Refusal!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_becomes_the_first_administrator_by_calling_the_own_address_admin()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, IdentityRoom.Migrations);
        var (external, users) = New(test);
        await users.EnsureAdministratorAsync(default);
        Assert.NotNull((await external.AdmitAsync(_mia with { VerifiedEmail = "admin" }, default)).Refusal);
    }

    [Fact]
    public void The_highest_of_several_roles_counts()
    {
        var settings = new OpenIdConnectSettings();
        Assert.Equal(UserRole.SystemAdministrator, settings.RoleOf(["signalbox-viewer", "signalbox-administrator", "signalbox-developer"]));
        Assert.Equal(UserRole.Viewer, settings.RoleOf(["other", "signalbox-viewer"]));
        Assert.Null(settings.RoleOf(["administrator"]));
    }

    private static (ExternalSignIn External, UserDirectory Users) New(TestDatabase test)
    {
        var store = new UserStore(test.Database);
        return (new ExternalSignIn(store, test.Clock), new UserDirectory(store, new ConsoleOptions(), test.Clock));
    }
}
