using Signalbox.Identity.Credentials;
using Signalbox.Testing;
using static Signalbox.Identity.Tests.ProjectServiceTests;

namespace Signalbox.Identity.Tests;

public sealed class CredentialServiceTests
{
    private static readonly CancellationToken _none = CancellationToken.None;

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_secret_is_shown_once_and_afterwards_only_its_end(TestEngine engine)
    {
        await using var house = new House(engine);
        var stage = await StageAsync(house);

        var created = Value(await house.Credentials.CreateAsync(stage, " Main ", _none));

        var entry = Assert.Single(await house.Credentials.ListAsync(stage, _none));
        Assert.Equal("Main", entry.Credential.Name);
        Assert.Equal(created.Credential, entry.Credential);
        var secret = Assert.Single(entry.Secrets);
        Assert.Equal((1, created.ClientSecret[^4..], house.Test.Clock.GetUtcNow()), (secret.Number, secret.LastCharacters, secret.CreatedAt));
        Assert.DoesNotContain(created.ClientSecret, created.ToString(), StringComparison.Ordinal);
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_secret_is_changed_without_a_moment_in_which_no_secret_is_good(TestEngine engine)
    {
        await using var house = new House(engine);
        var stage = await StageAsync(house);
        var created = Value(await house.Credentials.CreateAsync(stage, "Main", _none));
        var (id, client) = (created.Credential.Id, created.Credential.ClientId);
        Assert.True(await house.Directory.AuthenticateClientAsync(client, created.ClientSecret, _none));
        Assert.Contains("only client secret", Refusal(await house.Credentials.DeleteSecretAsync(stage, id, 1, _none)).Message, StringComparison.Ordinal);

        var added = Value(await house.Credentials.AddSecretAsync(stage, id, _none));
        Assert.True(await house.Directory.AuthenticateClientAsync(client, created.ClientSecret, _none));
        Assert.True(await house.Directory.AuthenticateClientAsync(client, added.ClientSecret, _none));
        Assert.Equal(added.ClientSecret, await house.Directory.FindNewestSecretAsync(client, _none));

        var left = Value(await house.Credentials.DeleteSecretAsync(stage, id, 1, _none));
        Assert.Equal([2], left.Secrets.Select(s => s.Number));
        Assert.False(await house.Directory.AuthenticateClientAsync(client, created.ClientSecret, _none));
        Assert.True(await house.Directory.AuthenticateClientAsync(client, added.ClientSecret, _none));
        Assert.Contains("deleted already", Refusal(await house.Credentials.DeleteSecretAsync(stage, id, 1, _none)).Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_credential_that_is_used_stays_and_an_unused_one_is_refused_at_once(TestEngine engine)
    {
        await using var house = new House(engine);
        var stage = await StageAsync(house);
        var credential = Value(await house.Credentials.CreateAsync(stage, "Main", _none)).Credential;
        house.Contents.Uses[credential.ClientId] = ["the following registrations: 'orders'"];
        Assert.NotNull(await house.Directory.FindCredentialAsync(credential.ClientId, _none));

        Assert.Contains("'orders'", Refusal(await house.Credentials.DeleteAsync(stage, credential.Id, _none)).Message, StringComparison.Ordinal);
        house.Contents.Uses.Clear();
        Assert.Equal(credential, Value(await house.Credentials.DeleteAsync(stage, credential.Id, _none)));

        Assert.Empty(await house.Credentials.ListAsync(stage, _none));
        Assert.Null(await house.Directory.FindCredentialAsync(credential.ClientId, _none));
    }

    [Fact]
    public async Task Another_workspace_s_credential_is_told_like_an_unknown_one()
    {
        await using var house = new House(TestEngine.Sqlite);
        var project = await house.ProjectAsync(await house.OrganizationAsync(), "orders");
        var (production, stage) = (project.Workspaces[0].Id, project.Workspaces[1].Id);
        var id = Value(await house.Credentials.CreateAsync(production, "Main", _none)).Credential.Id;

        Assert.Null(await house.Credentials.FindAsync(stage, id, _none));
        Refusal(await house.Credentials.AddSecretAsync(stage, id, _none));
        Refusal(await house.Credentials.DeleteSecretAsync(stage, id, 1, _none));
        Refusal(await house.Credentials.RenameAsync(stage, id, "Mine", _none));
        Refusal(await house.Credentials.DeleteAsync(stage, id, _none));
        Assert.Equal("Main", (await house.Credentials.FindAsync(production, id, _none))!.Credential.Name);
    }

    [Fact]
    public async Task A_workspace_has_20_credentials_with_names_of_their_own_and_a_credential_10_secrets()
    {
        await using var house = new House(TestEngine.Sqlite);
        var stage = await StageAsync(house);
        var first = Value(await house.Credentials.CreateAsync(stage, "C1", _none)).Credential.Id;
        Assert.Equal("name", Refusal(await house.Credentials.CreateAsync(stage, "c1", _none)).Field);
        Assert.Equal("name", Refusal(await house.Credentials.CreateAsync(stage, " ", _none)).Field);
        for (var i = 2; i <= CredentialService.CredentialsPerWorkspaceMax; i++)
        {
            Value(await house.Credentials.CreateAsync(stage, $"C{i}", _none));
        }

        Assert.Contains("20 credentials", Refusal(await house.Credentials.CreateAsync(stage, "More", _none)).Message, StringComparison.Ordinal);
        Assert.Equal("name", Refusal(await house.Credentials.RenameAsync(stage, first, "C2", _none)).Field);
        Assert.Equal("Renamed", Value(await house.Credentials.RenameAsync(stage, first, "Renamed", _none)).Credential.Name);
        for (var i = 2; i <= CredentialService.SecretsPerCredentialMax; i++)
        {
            Value(await house.Credentials.AddSecretAsync(stage, first, _none));
        }

        Assert.Contains("10 client secrets", Refusal(await house.Credentials.AddSecretAsync(stage, first, _none)).Message, StringComparison.Ordinal);
    }

    private static async Task<WorkspaceId> StageAsync(House house) =>
        (await house.ProjectAsync(await house.OrganizationAsync(), "orders")).Workspaces[1].Id;
}
