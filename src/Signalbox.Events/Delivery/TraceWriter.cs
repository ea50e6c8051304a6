using Signalbox.Events.Egress;
using Signalbox.Events.Stories;
using Signalbox.Events.Tracing;

namespace Signalbox.Events.Delivery;

/// <summary>Writes what debug tracing and the stories of events show of an attempt.</summary>
internal sealed class TraceWriter(ProviderNames providers, TimeProvider clock)
{
    /// <summary>What the attempt leaves behind, besides its outcome.</summary>
    public async ValueTask<DeliveryTrace> WriteAsync(
        Parcel parcel, string deliveryId, Exchange exchange, AttemptOutcome outcome, IReadOnlyList<AttemptOutcome> outcomes, CancellationToken cancellationToken)
    {
        var endedAt = clock.GetUtcNow();
        var insights = new List<TraceInsight>(1);
        foreach (var type in parcel.Deliveries.GroupBy(delivery => (delivery.Accepted.ProviderId, delivery.Accepted.EventCode)))
        {
            insights.Add(new TraceInsight(
                await providers.FindAsync(type.Key.ProviderId, cancellationToken),
                type.Key.EventCode,
                [.. type.Select(delivery => delivery.Accepted.EventId.ToString("D"))]));
        }

        var eventCode = string.Join(',', insights.Select(insight => insight.EventCode).Distinct());
        return new DeliveryTrace
        {
            RegistrationKey = parcel.Registration.Key,
            DeliveryId = deliveryId,
            EventCode = eventCode,
            Provider = string.Join(',', insights.Select(insight => insight.ProviderName).Distinct()),
            Code = exchange.Code,
            RetryCount = parcel.RetryCount,
            Duration = exchange.EndedAt - exchange.StartedAt,
            IsSuccess = outcome is AttemptOutcome.Delivered,
            AttemptedAt = exchange.StartedAt,
            Attempts = Record(parcel, deliveryId, exchange, outcomes),
            HeldBytes = TraceDocument.EstimateBytes(exchange),
            WriteDocument = () => TraceDocument.Write(parcel.Registration, deliveryId, eventCode, exchange, insights, endedAt),
        };
    }

    private static RecordedAttempt[] Record(Parcel parcel, string deliveryId, Exchange exchange, IReadOnlyList<AttemptOutcome> outcomes)
    {
        var activationId = parcel.Registration.RuntimeAction is null
            ? null
            : exchange.ActivationId;
        var attempts = new RecordedAttempt[parcel.Deliveries.Count];
        for (var i = 0; i < attempts.Length; i++)
        {
            var delivery = parcel.Deliveries[i];
            attempts[i] = new RecordedAttempt
            {
                EventSequence = delivery.Accepted.Sequence,
                RegistrationKey = parcel.Registration.Key,
                SeriesAt = delivery.FirstAttemptAt ?? exchange.StartedAt,
                AttemptedAt = exchange.StartedAt,
                RetryCount = delivery.RetryCount,
                DeliveryId = deliveryId,
                Code = outcomes[i].Code,
                Duration = exchange.EndedAt - exchange.StartedAt,
                ActivationId = activationId,
                ReplayId = delivery.ReplayId,
            };
        }

        return attempts;
    }
}
