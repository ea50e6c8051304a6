using Signalbox.Identity;
using Signalbox.Identity.Projects;
using Signalbox.Storage;

namespace Signalbox.Events.Registrations;

/// <summary>Keeps workspaces with registrations or providers, and credentials with registrations, from being deleted.</summary>
internal sealed class EventContents : IWorkspaceContents
{
    private const int NamedMax = 5;

    public IReadOnlyList<string> FindIn(WriteSession session, WorkspaceId workspace, string? namespaceName) =>
    [
        .. Tell("registrations", session.Query<string>(
            "SELECT name FROM registrations WHERE workspace_id = @Id AND deleted_at IS NULL ORDER BY name", new { Id = workspace.Value })),
        .. Tell("event providers", session.Query<string>(
            "SELECT label FROM providers WHERE workspace_id = @Id ORDER BY label", new { Id = workspace.Value })),
    ];

    public IReadOnlyList<string> FindUsesOf(WriteSession session, ClientId client) =>
        Tell("registrations", session.Query<string>(
            "SELECT name FROM registrations WHERE client_id = @Id AND deleted_at IS NULL ORDER BY name", new { Id = client.Value }));

    private static string[] Tell(string what, IReadOnlyList<string> names) =>
        names.Count == 0
            ? []
            : [$"the following {what}: {string.Join(", ", names.Take(NamedMax).Select(name => $"'{name}'"))}{(names.Count > NamedMax ? $" and {names.Count - NamedMax} more" : "")}"];
}
