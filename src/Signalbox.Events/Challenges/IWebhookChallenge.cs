using Signalbox.Events.Registrations;

namespace Signalbox.Events.Challenges;

/// <summary>Proves that a webhook's owner wants the events (events behaviour, section 8). The probes are traced.</summary>
public interface IWebhookChallenge
{
    /// <summary>Probes the URL, by a GET and perhaps a POST, each for at most 10 s (webhook) or 60 s (runtime action).</summary>
    /// <returns>Verified; verification failed; or accepted, when the owner has 5 minutes to open a validation URL.</returns>
    Task<WebhookStatus> ProbeAsync(Registration registration, CancellationToken cancellationToken);

    /// <summary>
    /// How the challenge of an accepted registration stands, without a new probe: verified, accepted (waiting), or
    /// verification failed when the 5 minutes are over. Null when no probe of its URL came so far.
    /// </summary>
    Task<WebhookStatus?> FindStandingAsync(Registration registration, CancellationToken cancellationToken);
}
