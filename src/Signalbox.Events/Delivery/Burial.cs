using Signalbox.Events.DeadLetters;
using Signalbox.Events.Egress;

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
                letters.Add(Of(parcel.Deliveries[i], giveUp.Reason, exchange, deliveryId));
            }
        }

        return letters;
    }

    /// <summary>What a delivery becomes whose end was found without an attempt.</summary>
    /// <param name="lastCode">What its last attempt led to; null when that is not known.</param>
    public static DeadLetter Of(OwedDelivery delivery, GiveUpReason reason, int? lastCode, DateTimeOffset at) =>
        Of(delivery, delivery.RetryCount, at) with
        {
            Reason = DeadLetterWords.ReasonOf(reason, lastCode, isTargetRefused: false),
            LastCode = lastCode,
            FirstAttemptAt = delivery.FirstAttemptAt,
        };

    private static DeadLetter Of(OwedDelivery delivery, GiveUpReason reason, Exchange last, string deliveryId) =>
        Of(delivery, delivery.RetryCount + 1, last.EndedAt) with
        {
            Reason = DeadLetterWords.ReasonOf(reason, last.Code, last.IsTargetRefused, last.IsOurFault),
            LastCode = last.Code,
            FirstAttemptAt = delivery.FirstAttemptAt ?? last.StartedAt,
            LastDeliveryId = deliveryId,
        };

    private static DeadLetter Of(OwedDelivery delivery, int attempts, DateTimeOffset at) => new()
    {
        RegistrationKey = delivery.Registration.Key,
        EventSequence = delivery.Accepted.Sequence,
        Reason = DeadLetterReason.Internal,
        Attempts = attempts,
        DeadAt = at,
        ReplayId = delivery.ReplayId,
    };
}
