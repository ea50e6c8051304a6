using Signalbox.Storage;

namespace Signalbox.Identity.Projects;

/// <summary>
/// What another room keeps for workspaces and credentials. Every room that keeps something registers one, so that
/// nothing is deleted from under it.
/// </summary>
/// <remarks>All methods run inside the transaction that deletes, perhaps twice; they touch nothing but the session.</remarks>
public interface IWorkspaceContents
{
    /// <summary>What must be deleted first, each as a part of a sentence such as <c>2 registrations ('orders', 'bills')</c>.</summary>
    /// <param name="session">The transaction that is to delete the workspace.</param>
    /// <param name="workspace">The workspace.</param>
    /// <param name="namespaceName">Its Runtime namespace; null when it has none.</param>
    IReadOnlyList<string> FindIn(WriteSession session, WorkspaceId workspace, string? namespaceName);

    /// <summary>What works with the credential, likewise.</summary>
    IReadOnlyList<string> FindUsesOf(WriteSession session, ClientId client) => [];

    /// <summary>Removes what nobody would miss, of a workspace that goes.</summary>
    void RemoveRest(WriteSession session, WorkspaceId workspace, string? namespaceName)
    {
    }
}
