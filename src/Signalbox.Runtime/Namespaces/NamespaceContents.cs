using Signalbox.Identity;
using Signalbox.Identity.Projects;
using Signalbox.Runtime.Entities;
using Signalbox.Runtime.EventHandlers;
using Signalbox.Storage;

namespace Signalbox.Runtime.Namespaces;

/// <summary>Keeps a workspace with actions or packages of its user from being deleted.</summary>
internal sealed class NamespaceContents : IWorkspaceContents
{
    private const int NamedMax = 5;

    public IReadOnlyList<string> FindIn(WriteSession session, WorkspaceId workspace, string? namespaceName)
    {
        if (namespaceName is null)
        {
            return [];
        }

        return
        [
            .. session.Query<EntityNameRow>(
                    "SELECT collection AS Collection, package AS Package, name AS Name FROM runtime_entities WHERE namespace = @namespaceName ORDER BY collection, package, name",
                    new { namespaceName })
                .Where(row => !IsRest(row))
                .GroupBy(row => row.Collection)
                .Select(group => Tell(group.Key, [.. group.Select(row => row.Package.Length == 0 ? row.Name : $"{row.Package}/{row.Name}")])),
        ];
    }

    public void RemoveRest(WriteSession session, WorkspaceId workspace, string? namespaceName)
    {
        if (namespaceName is not null)
        {
            session.Execute("DELETE FROM runtime_entities WHERE namespace = @namespaceName", new { namespaceName });
        }
    }

    /// <summary>The packages that the handlers of registrations needed; they stay when the registrations go.</summary>
    private static bool IsRest(EntityNameRow row) =>
        row.Collection == EntityRow.Packages
        && (row.Name == HandlerNames.HandlerPackage || row.Name.StartsWith(HandlerNames.BoundPackage, StringComparison.Ordinal));

    private static string Tell(string collection, IReadOnlyList<string> names) =>
        $"the following {collection}: {string.Join(", ", names.Take(NamedMax).Select(name => $"'{name}'"))}{(names.Count > NamedMax ? $" and {names.Count - NamedMax} more" : "")}";

    private sealed class EntityNameRow
    {
        public string Collection { get; init; } = "";
        public string Package { get; init; } = "";
        public string Name { get; init; } = "";
    }
}
