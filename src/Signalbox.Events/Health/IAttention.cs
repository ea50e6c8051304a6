using Signalbox.Events.Registrations;
using Signalbox.Identity;

namespace Signalbox.Events.Health;

/// <summary>Which registrations somebody should look at.</summary>
public interface IAttention
{
    /// <summary>The workspace's registrations that are not active, or had failures within the window; the worst first.</summary>
    ValueTask<IReadOnlyList<TroubledRegistration>> ListAsync(Workspace workspace, int limit, CancellationToken cancellationToken);
}

/// <summary>A registration with its attempts within the window of <see cref="HealthThresholds"/>.</summary>
public sealed record TroubledRegistration(Registration Registration, AttemptTally Tally);
