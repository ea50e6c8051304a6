using Signalbox.Events.Registrations;

namespace Signalbox.Events.Challenges;

/// <summary>Proves that a webhook's owner wants the events (events behaviour, section 8). The probe is traced.</summary>
public interface IWebhookChallenge
{
    /// <summary>Probes the URL, for at most 10 s (webhook) or 60 s (runtime action).</summary>
    /// <returns>The status that follows: verified or verification failed.</returns>
    Task<WebhookStatus> ProbeAsync(Registration registration, CancellationToken cancellationToken);
}
