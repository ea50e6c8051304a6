using System.Text;
using Signalbox.Identity.Provisioning;
using Signalbox.Testing;

namespace Signalbox.Identity.Tests;

public sealed class IdentityDirectoryTests
{
    private static readonly CancellationToken _none = CancellationToken.None;

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task The_first_workspace_is_created_once_and_read_back_after_a_restart(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, IdentityRoom.Migrations);
        var racers = await Task.WhenAll(Enumerable.Range(0, 4).Select(
            _ => Provisioning(test, out var _).EnsureFirstWorkspaceAsync(null, _none)));
        var created = racers[0];

        await test.ReopenAsync();
        var read = await Provisioning(test, out var directory).EnsureFirstWorkspaceAsync(null, _none);

        Assert.All(racers, racer => Assert.Equal(created.Namespace, racer.Namespace));
        Assert.Equal(created with { ClientSecrets = [] }, read with { ClientSecrets = [] });
        Assert.Equal(created.ClientSecrets, read.ClientSecrets);
        var place = created.Workspace;
        Assert.Equal(place, await directory.FindWorkspaceAsync(place.OrganizationId, place.ProjectId, place.WorkspaceId, _none));
        Assert.Equal(created.Credential, await directory.FindCredentialAsync(created.Credential.ClientId, _none));
        Assert.Equal(created.Credential, await directory.FindCredentialAsync(created.Credential.Id, _none));
        Assert.Equal(created.ClientSecrets[0], await directory.FindNewestSecretAsync(created.Credential.ClientId, _none));
        Assert.Equal(created.Namespace, await directory.FindNamespaceAsync(created.Namespace.Name, _none));
        Assert.Equal(created.Namespace, await directory.FindNamespaceAsync(place.WorkspaceId, _none));
        Assert.Equal(created.Namespace, await directory.AuthenticateAsync(created.Namespace.Uuid, created.Namespace.Key, _none));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_workspace_is_found_below_its_own_project_and_organization_only(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, IdentityRoom.Migrations);
        var provisioning = Provisioning(test, out var directory);
        var own = (await provisioning.CreateAsync(new NewWorkspace(), _none)).Workspace;
        var foreign = (await provisioning.CreateAsync(new NewWorkspace(), _none)).Workspace;

        Assert.Null(await directory.FindWorkspaceAsync(foreign.OrganizationId, own.ProjectId, own.WorkspaceId, _none));
        Assert.Null(await directory.FindWorkspaceAsync(own.OrganizationId, foreign.ProjectId, own.WorkspaceId, _none));
        Assert.Null(await directory.FindWorkspaceAsync(own.OrganizationId, own.ProjectId, new WorkspaceId("1"), _none));
        Assert.NotNull(await directory.FindWorkspaceAsync(own.OrganizationId, own.ProjectId, own.WorkspaceId, _none));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_namespace_opens_with_its_own_key_only_from_the_store_and_from_memory(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, IdentityRoom.Migrations);
        var provisioning = Provisioning(test, out var directory);
        var own = (await provisioning.CreateAsync(new NewWorkspace(), _none)).Namespace;
        var foreign = (await provisioning.CreateAsync(new NewWorkspace(), _none)).Namespace;

        for (var round = 0; round < 2; round++)
        {
            Assert.Null(await directory.AuthenticateAsync(own.Uuid, foreign.Key, _none));
            Assert.Null(await directory.AuthenticateAsync(own.Uuid, "", _none));
            Assert.Null(await directory.AuthenticateAsync(own.Uuid, own.Key + "x", _none));
            Assert.Null(await directory.AuthenticateAsync(own.Uuid, new string('x', 100_000), _none));
            Assert.Null(await directory.AuthenticateAsync(Guid.NewGuid(), own.Key, _none));
            Assert.Equal(own, await directory.AuthenticateAsync(own.Uuid, own.Key, _none));
        }

        var hit = directory.AuthenticateAsync(own.Uuid, own.Key, _none);
        Assert.True(hit.IsCompletedSuccessfully);
        Assert.Equal(own, await hit);
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task An_added_secret_is_the_newest_at_once_although_the_older_one_was_remembered(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, IdentityRoom.Migrations);
        var provisioning = Provisioning(test, out var directory);
        var own = await provisioning.CreateAsync(new NewWorkspace(), _none);
        var client = own.Credential.ClientId;
        Assert.Equal(own.ClientSecrets[0], await directory.FindNewestSecretAsync(client, _none));

        var added = (await provisioning.AddClientSecretAsync(own.Credential.Id, _none))!;

        Assert.Equal(added, await directory.FindNewestSecretAsync(client, _none));
        Assert.True(await directory.AuthenticateClientAsync(client, own.ClientSecrets[0], _none));
        Assert.Equal([added, own.ClientSecrets[0]], (await provisioning.ReadAsync(own.Workspace.WorkspaceId, _none)).ClientSecrets);
        Assert.Null(await provisioning.AddClientSecretAsync(new CredentialId("1"), _none));
        for (var count = 2; count < IdentityProvisioning.SecretsPerCredentialMax; count++)
        {
            Assert.NotNull(await provisioning.AddClientSecretAsync(own.Credential.Id, _none));
        }

        Assert.Null(await provisioning.AddClientSecretAsync(own.Credential.Id, _none));
    }

    [Fact]
    public async Task System_namespaces_exist_by_name_and_nobody_signs_in_to_them()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, IdentityRoom.Migrations);
        Provisioning(test, out var directory);

        foreach (var name in new[] { "whisk.system", "adobe" })
        {
            var system = await directory.FindNamespaceAsync(name, _none);
            Assert.NotNull(system);
            Assert.Null(system.Workspace);
            Assert.Equal(64, system.Key.Length);
            Assert.Null(await directory.AuthenticateAsync(system.Uuid, system.Key, _none));
        }

        Assert.Null(await directory.FindNamespaceAsync("nowhere", _none));
    }

    [Fact]
    public async Task Secrets_are_not_readable_in_the_database()
    {
        await using var server = await IdentityServer.StartAsync();
        await server.TokenAsync();
        var own = server.Own;

        var bytes = new StringBuilder();
        foreach (var file in Directory.EnumerateFiles(server.Test.Options.DataDirectory, "signalbox.db*"))
        {
            await using var stream = File.Open(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            bytes.Append(await reader.ReadToEndAsync());
        }

        var text = bytes.ToString();
        Assert.Contains(own.Credential.ClientId.Value, text, StringComparison.Ordinal);
        Assert.DoesNotContain(own.ClientSecrets[0], text, StringComparison.Ordinal);
        Assert.DoesNotContain(own.Namespace.Key, text, StringComparison.Ordinal);
        // The beginning of every RSA key in PKCS #8, in base64.
        Assert.DoesNotContain("MIIEv", text, StringComparison.Ordinal);
    }

    private static IdentityProvisioning Provisioning(TestDatabase test, out IdentityDirectory directory)
    {
        directory = new IdentityDirectory(test.Database, test.Secrets, new IdentityOptions());
        return new IdentityProvisioning(test.Database, test.Secrets, directory, test.Clock);
    }
}
