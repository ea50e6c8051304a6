using Signalbox.Events.Registrations;

namespace Signalbox.Events.Challenges;

/// <summary>Tells how the last challenge of a webhook went, so that its owner can mend it.</summary>
public interface IChallengeReports
{
    /// <summary>Null when no probe is kept: traces live for 7 days.</summary>
    Task<ChallengeReport?> FindAsync(Registration registration, CancellationToken cancellationToken);
}
