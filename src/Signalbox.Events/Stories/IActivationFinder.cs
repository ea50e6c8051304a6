using Signalbox.Identity;

namespace Signalbox.Events.Stories;

/// <summary>What a story tells of the runtime room; the server joins the two.</summary>
public interface IActivationFinder
{
    /// <summary>The activation and all that ran on its behalf, outermost first; empty when its record is gone.</summary>
    Task<IReadOnlyList<StoryActivation>> FindAsync(WorkspaceId workspace, string activationId, CancellationToken cancellationToken);
}
