using Signalbox.Events.DeadLetters;
using Signalbox.Events.Egress;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Delivery;

/// <summary>Makes dead letters of deliveries that end without success.</summary>
internal static class Burial
{
    /// <summary>What those deliveries become that end without success.</summary>
    public static List<DeadLetter> Of(Parcel parcel, IReadOnlyList<DeliveryStep> steps, Exchange exchange, string deliveryId)
    {
        var letters = new List<DeadLetter>();
        for (var i = 0; i < steps.Count; i++)
        {
            if (steps[i] is DeliveryStep.GiveUp giveUp)
            {
                var delivery = parcel.Deliveries[i];
                letters.Add(Of(delivery, delivery.RetryCount + 1, giveUp.Reason, exchange, deliveryId, exchange.EndedAt));
            }
        }

        return letters;
    }

    /// <summary>What one delivery becomes.</summary>
    /// <param name="last">Its last attempt; null: none was made.</param>
    public static DeadLetter Of(
        OwedDelivery delivery, int attempts, GiveUpReason reason, Exchange? last, string? deliveryId, DateTimeOffset at) => new()
        {
            RegistrationKey = delivery.Registration.Key,
            EventSequence = delivery.Accepted.Sequence,
            Reason = delivery.Registration is { DeliveryType: DeliveryType.Journal } or { DeletedAt: not null }
                ? DeadLetterReason.RegistrationDisabled
                : DeadLetterWords.ReasonOf(reason, last?.Code, last is { IsTargetRefused: true }),
            LastCode = last?.Code,
            Attempts = attempts,
            FirstAttemptAt = delivery.FirstAttemptAt ?? last?.StartedAt,
            DeadAt = at,
            LastDeliveryId = deliveryId,
            ReplayId = delivery.ReplayId,
        };
}
