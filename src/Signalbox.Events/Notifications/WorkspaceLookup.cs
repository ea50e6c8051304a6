using Signalbox.Identity;
using Signalbox.Identity.Workspaces;

namespace Signalbox.Events.Notifications;

/// <summary>What a workspace and its project are called; null when it is gone.</summary>
internal delegate Task<WorkspaceEntry?> WorkspaceLookup(WorkspaceId workspace, CancellationToken cancellationToken);
