using Signalbox.Events.Challenges;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Health;

/// <inheritdoc cref="IRegistrationHealth" />
internal sealed class RegistrationHealthReader(
    HealthLedger ledger, StatusHistory history, ChallengeResults challenges, HealthThresholds thresholds, TimeProvider clock) : IRegistrationHealth
{
    public async Task<RegistrationHealth> FindAsync(Registration registration, CancellationToken cancellationToken) => new(
        ledger.Find(registration, clock.GetUtcNow()),
        thresholds,
        registration.Status == WebhookStatus.Unstable ? registration.MeasuredSince + thresholds.Window : null,
        (await challenges.FindAsync(registration.Key, cancellationToken))?.By(registration.Status),
        await history.ListAsync(registration.Key, cancellationToken));
}
