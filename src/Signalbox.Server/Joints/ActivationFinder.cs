using Signalbox.Events.Stories;
using Signalbox.Identity;
using Signalbox.Runtime.Activations;

namespace Signalbox.Server.Joints;

/// <summary>Lets an event's story tell of the activations that its deliveries led to.</summary>
internal sealed class ActivationFinder(ActivationFamily family, IdentityDirectory identity) : IActivationFinder
{
    public async Task<IReadOnlyList<StoryActivation>> FindAsync(WorkspaceId workspace, string activationId, CancellationToken cancellationToken) =>
        await identity.FindNamespaceAsync(workspace, cancellationToken) is { } owner
            ? [.. (await family.FindAsync(owner.Name, activationId, cancellationToken)).Select(run => new StoryActivation
            {
                ActivationId = run.Id,
                Action = run.Action,
                Depth = run.Depth,
                Status = run.Status,
                StartedAt = DateTimeOffset.FromUnixTimeMilliseconds(run.StartMs),
                DurationMs = run.DurationMs,
            })]
            : [];
}
