using Signalbox.Identity.Lookup;
using Signalbox.Identity.Projects;
using Signalbox.Identity.Tokens;
using Signalbox.Storage;

namespace Signalbox.Identity.Provisioning;

/// <summary>Writes the <see cref="ConsoleDocument"/> of a workspace as it stands now.</summary>
public sealed class ConsoleDocuments(Database database, SecretProtector secrets, TokenIssuer tokens)
{
    /// <summary>How long the command line's token in a document is good for: as long as the server's own document's.</summary>
    public static readonly TimeSpan TokenLifetime = TimeSpan.FromDays(365);

    private readonly IdentityStore _store = new(database, secrets);

    /// <summary>The document, with secrets and a token.</summary>
    /// <param name="workspace">Whose.</param>
    /// <param name="serverUrl">The server's URL as its users reach it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ProjectOutcome<WorkspaceDocument>> WriteAsync(WorkspaceId workspace, Uri serverUrl, CancellationToken cancellationToken)
    {
        if (await _store.FindWorkspaceAsync(workspace, cancellationToken) is not { } row)
        {
            return new ProjectRefusal($"There is no workspace '{workspace}'.");
        }

        var credentials = new List<(Credential, IReadOnlyList<string>)>();
        foreach (var (credential, _) in await _store.ListCredentialsAsync(workspace, cancellationToken))
        {
            credentials.Add((credential, await _store.ListSecretsAsync(credential.ClientId, cancellationToken)));
        }

        var download = new WorkspaceDownload
        {
            OrganizationName = row.OrganizationName,
            ProjectName = row.ProjectName,
            ProjectTitle = row.ProjectTitle,
            ProjectDescription = row.ProjectDescription,
            Workspace = row.ToWorkspace(),
            Credentials = credentials,
            Namespace = await _store.FindNamespaceAsync(workspace, cancellationToken),
        };
        var token = credentials is [var (first, _), ..] ? await tokens.IssueAsync(first, TokenLifetime, cancellationToken) : null;
        return new WorkspaceDocument($"{row.OrganizationId}-{row.ProjectName}-{row.WorkspaceName}.json", ConsoleDocument.Write(download, serverUrl, token));
    }
}
