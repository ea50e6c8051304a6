using Signalbox.Identity.Credentials;
using Signalbox.Identity.Projects;
using Signalbox.Identity.Provisioning;
using Signalbox.Identity.Tokens;
using Signalbox.Storage;
using Signalbox.Testing;

namespace Signalbox.Identity.Tests;

/// <summary>The services of projects and credentials over one database, with a room whose contents the test chooses.</summary>
internal sealed class House : IAsyncDisposable
{
    public House(TestEngine engine)
    {
        Test = new TestDatabase(engine, IdentityRoom.Migrations);
        var options = new IdentityOptions();
        Directory = new IdentityDirectory(Test.Database, Test.Secrets, options);
        Projects = new ProjectService(Test.Database, Test.Secrets, Directory, [Contents], Test.Clock);
        Runtime = new WorkspaceRuntime(Test.Database, Test.Secrets, Directory, Test.Clock);
        Credentials = new CredentialService(Test.Database, Test.Secrets, Directory, [Contents], Test.Clock);
        Keys = new TokenSigningKeys(Test.Database, Test.Secrets, Test.Clock);
        Documents = new ConsoleDocuments(Test.Database, Test.Secrets, new TokenIssuer(Keys, options, Test.Clock));
    }

    public TestDatabase Test { get; }

    public IdentityDirectory Directory { get; }

    public ProjectService Projects { get; }

    public WorkspaceRuntime Runtime { get; }

    public CredentialService Credentials { get; }

    public ConsoleDocuments Documents { get; }

    public ChosenContents Contents { get; } = new();

    private TokenSigningKeys Keys { get; }

    public async Task<Organization> OrganizationAsync() =>
        ProjectServiceTests.Value(await Projects.CreateOrganizationAsync("Acme", CancellationToken.None));

    public async Task<Project> ProjectAsync(Organization organization, string name) =>
        ProjectServiceTests.Value(await Projects.CreateAsync(organization.Id, new ProjectSettings { Name = name, Title = $"Project {name}" }, CancellationToken.None));

    public async ValueTask DisposeAsync()
    {
        Keys.Dispose();
        await Test.DisposeAsync();
    }

    internal sealed class ChosenContents : IWorkspaceContents
    {
        public Dictionary<WorkspaceId, string[]> Kept { get; } = [];

        public Dictionary<ClientId, string[]> Uses { get; } = [];

        public List<string?> Removed { get; } = [];

        public IReadOnlyList<string> FindIn(WriteSession session, WorkspaceId workspace, string? namespaceName) => Kept.GetValueOrDefault(workspace) ?? [];

        public IReadOnlyList<string> FindUsesOf(WriteSession session, ClientId client) => Uses.GetValueOrDefault(client) ?? [];

        public void RemoveRest(WriteSession session, WorkspaceId workspace, string? namespaceName)
        {
            if (namespaceName is not null)
            {
                Removed.Add(namespaceName);
            }
        }
    }
}
