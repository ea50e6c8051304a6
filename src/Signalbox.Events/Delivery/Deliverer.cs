using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Signalbox.Events.DeadLetters;
using Signalbox.Events.Egress;
using Signalbox.Events.EventBridge;
using Signalbox.Events.EventLog;
using Signalbox.Events.Health;
using Signalbox.Events.Registrations;
using Signalbox.Events.Signing;
using Signalbox.Events.Stories;
using Signalbox.Events.Tracing;
using Signalbox.Events.Traffic;
using Signalbox.Storage.Faults;

namespace Signalbox.Events.Delivery;

/// <summary>Makes one attempt: from the events of a parcel to the outcome that is kept.</summary>
/// <remarks>
/// <code>
///  parcel ─(1) compose─► bytes ─(2) sign─► signatures ─(3) address and headers─► request
///                                                                                   │ (4) send
///  deliveries, traces ◄─(7) keep─ steps ◄─(6) decide─ outcome ◄─(5) judge─ exchange ◄┘
/// </code>
/// </remarks>
internal sealed partial class Deliverer(
    DeliveryStore store,
    Signer signer,
    WebhookClient client,
    ProviderNames providers,
    ClientSecretLookup secrets,
    IRuntimeHandlers handlers,
    IAttemptCounter counter,
    TrafficLedger traffic,
    EventBridgeSender bridge,
    IActivationFinder activations,
    IRegistrationDirectory registrations,
    TimeProvider clock,
    ILogger<Deliverer> logger) : IDeliverer
{
    private readonly RequestWriter _requests = new(providers, secrets, handlers);
    private readonly TraceWriter _traces = new(providers, clock);

    /// <inheritdoc />
    public async Task<AttemptReport> AttemptAsync(Parcel parcel, CancellationToken cancellationToken)
    {
        var begunAt = clock.GetUtcNow();
        if (parcel.Deliveries.Any(delivery => FindEnd(delivery, begunAt) is not null))
        {
            return await AttemptWhatHasNotEndedAsync(parcel, begunAt, cancellationToken);
        }

        var accepted = parcel.Deliveries[0].Accepted;
        using var activity = Activity(accepted);
        RecordFirstAttempts(parcel, begunAt);

        var registration = parcel.Registration;
        var deliveryId = Guid.NewGuid().ToString("D");
        var (exchange, outcomes, signatures) = registration.DeliveryType == DeliveryType.AwsEventBridge
            ? await PutAsync(parcel, cancellationToken)
            : await PostAsync(parcel, deliveryId, activity?.Id ?? accepted.TraceParent, cancellationToken);

        // What the endpoint is to be judged by: one event that failed is enough.
        var outcome = outcomes.FirstOrDefault(o => o is not AttemptOutcome.Delivered) ?? outcomes[0];
        if (outcome is AttemptOutcome.Failed && await IsOurFaultAsync(registration, exchange, cancellationToken))
        {
            exchange = exchange with { IsOurFault = true };
        }

        // 6. The row keeps milliseconds: the schedule starts from what it keeps.
        var notBefore = outcome is AttemptOutcome.Failed ? RetryAfter.Find(exchange, Random.Shared.NextDouble()) : null;
        var steps = parcel.Deliveries
            .Select((delivery, i) => DeliveryStep.After(
                outcomes[i], delivery.RetryCount, delivery.FirstAttemptAt ?? exchange.StartedAt, exchange.EndedAt, notBefore))
            .ToArray();

        // 7.
        var ended = new EndedAttempt
        {
            Deliveries =
            [
                .. parcel.Deliveries.Select((delivery, i) =>
                    new EndedDelivery(delivery.Key, delivery.ReplayId, delivery.FirstAttemptAt ?? exchange.StartedAt, steps[i])),
            ],
            Letters = Burial.Of(parcel, steps, exchange, deliveryId),
            IsUrgent = registration.IsOrdered,
            PauseUntil = notBefore is not null && await StillGoesThereAsync(registration, cancellationToken) ? notBefore : null,
            Signatures = parcel.IsBatch || outcome is not AttemptOutcome.Failed ? null : signatures?.Write(),
        };
        var trace = await _traces.WriteAsync(parcel, deliveryId, exchange, outcome, outcomes, cancellationToken);
        try
        {
            Failpoints.Pass(FailpointBefore(steps[0]));
            await store.KeepAsync(ended, trace, cancellationToken);
            Failpoints.Pass(FailpointAfter(steps[0]));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new OutcomeUnkeptException(notBefore, exception);
        }

        if (!exchange.IsOurFault && registration.IsProven)
        {
            counter.Count(registration, trace.IsSuccess, exchange.EndedAt);
        }

        traffic.CountAttempt(registration, parcel.Deliveries.Count, trace.IsSuccess, exchange.EndedAt - exchange.StartedAt);
        Tell(parcel, outcome, steps, activity);
        return new AttemptReport { EndedAt = exchange.EndedAt, Outcome = outcome, Steps = steps, NotBefore = notBefore };
    }

    /// <summary>Posts the parcel to a webhook or an action: all its events have one outcome.</summary>
    private async Task<(Exchange Exchange, IReadOnlyList<AttemptOutcome> Outcomes, PayloadSignatures? Signatures)> PostAsync(
        Parcel parcel, string deliveryId, string? traceParent, CancellationToken cancellationToken)
    {
        // 1.
        var body = parcel.Compose();

        // 2.
        Failpoints.Pass(Failpoint.SignBefore);
        var signatures = await SignAsync(parcel, body, cancellationToken);
        Failpoints.Pass(Failpoint.SignAfter);

        // 3.
        var request = await _requests.WriteAsync(parcel, deliveryId, body, signatures, traceParent, cancellationToken);

        // 4.
        Failpoints.Pass(Failpoint.SendBefore);
        var registration = parcel.Registration;
        var exchange = request.Url == RequestWriter.Nowhere
            ? client.Refuse(request, "The registration has no URL to deliver to: its workspace has no Runtime namespace.")
            : !registration.IsProven ? client.Refuse(request, "The webhook URL has not answered a challenge yet. Nothing is sent there before, retries included.")
            : await client.SendAsync(request, registration.RuntimeAction is not null, DeliveryTimeouts.Of(registration), cancellationToken);
        Failpoints.Pass(Failpoint.SendAfter);

        // 5.
        var outcome = AttemptOutcome.FromCode(exchange.Code);
        return (exchange, parcel.Deliveries.Count == 1 ? [outcome] : [.. Enumerable.Repeat(outcome, parcel.Deliveries.Count)], signatures);
    }

    /// <summary>The same by Amazon EventBridge, which takes each event by itself and has signatures of its own.</summary>
    private async Task<(Exchange Exchange, IReadOnlyList<AttemptOutcome> Outcomes, PayloadSignatures? Signatures)> PutAsync(
        Parcel parcel, CancellationToken cancellationToken)
    {
        Failpoints.Pass(Failpoint.SendBefore);
        var (exchange, outcomes) = await bridge.SendAsync(parcel, cancellationToken);
        Failpoints.Pass(Failpoint.SendAfter);
        return (exchange, outcomes, null);
    }

    /// <summary>True unless an edit has led the registration elsewhere, where nobody asked for a pause.</summary>
    private async ValueTask<bool> StillGoesThereAsync(Registration sent, CancellationToken cancellationToken) =>
        await registrations.FindAsync(sent.Key, cancellationToken) is { } current && current.HasTargetOf(sent);

    /// <summary>True when the action that the request led to failed because this server could not run it.</summary>
    private async Task<bool> IsOurFaultAsync(Registration registration, Exchange exchange, CancellationToken cancellationToken) =>
        registration.RuntimeAction is not null
        && exchange.ActivationId is { } id
        && (await activations.FindAsync(registration.WorkspaceId, id, cancellationToken)).Any(activation => activation.Status == "whisk internal error");

    /// <summary>Why a delivery ends without another attempt; null when it does not.</summary>
    private static GiveUpReason? FindEnd(OwedDelivery delivery, DateTimeOffset now) =>
        delivery.Registration.DeliveryType == DeliveryType.Journal ? GiveUpReason.NotPushed
        : RetrySchedule.IsOver(delivery.FirstAttemptAt, now) ? GiveUpReason.Expired
        : null;

    /// <summary>Each event has its own 24 hours: those of which they ended leave the parcel.</summary>
    private async Task<AttemptReport> AttemptWhatHasNotEndedAsync(Parcel parcel, DateTimeOffset begunAt, CancellationToken cancellationToken)
    {
        var left = new List<OwedDelivery>(parcel.Deliveries.Count);
        var ends = new DeliveryStep.GiveUp?[parcel.Deliveries.Count];
        for (var i = 0; i < ends.Length; i++)
        {
            var delivery = parcel.Deliveries[i];
            if (FindEnd(delivery, begunAt) is not { } reason)
            {
                left.Add(delivery);
                continue;
            }

            ends[i] = new DeliveryStep.GiveUp(reason);
            var lastCode = await store.FindLastCodeAsync(delivery.Key, cancellationToken);
            await store.RemoveAsync(delivery.Key, delivery.ReplayId, Burial.Of(delivery, reason, lastCode, begunAt), cancellationToken);
            Log.EndedWithoutAttempt(logger, delivery.Accepted.EventId, parcel.Registration.Id, reason);
        }

        var report = left.Count > 0 ? await AttemptAsync(new Parcel(left), cancellationToken) : null;
        return new AttemptReport
        {
            EndedAt = report?.EndedAt ?? begunAt,
            Outcome = report?.Outcome,
            NotBefore = report?.NotBefore,
            Steps =
            [
                .. parcel.Deliveries.Select((delivery, i) => ends[i] ?? report!.Steps[left.IndexOf(delivery)]),
            ],
        };
    }

    /// <summary>A retry carries the signatures of the first attempt; only a batch may have found other company.</summary>
    private async ValueTask<PayloadSignatures> SignAsync(Parcel parcel, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var first = parcel.Deliveries[0];
        if (!parcel.IsBatch && PayloadSignatures.Read(first.Signatures) is { } earlier)
        {
            return earlier;
        }

        var name = parcel.Deliveries.Count == 1 ? first.Accepted.EventId : new Guid(SHA256.HashData(body.Span).AsSpan(0, 16));
        var acceptedAt = parcel.Deliveries.Max(delivery => delivery.Accepted.ReceivedAt);
        return await signer.SignAsync(new SignatureName(name, parcel.Registration.ClientId, parcel.IsBatch), acceptedAt, body, cancellationToken);
    }

    private static string FailpointBefore(DeliveryStep step) => step switch
    {
        DeliveryStep.Done => Failpoint.DoneBeforeCommit,
        DeliveryStep.RetryAt => Failpoint.RetryBeforeCommit,
        _ => Failpoint.GiveUpBeforeCommit,
    };

    private static string FailpointAfter(DeliveryStep step) => step switch
    {
        DeliveryStep.Done => Failpoint.DoneAfterCommit,
        DeliveryStep.RetryAt => Failpoint.RetryAfterCommit,
        _ => Failpoint.GiveUpAfterCommit,
    };

    private static Activity? Activity(AcceptedEvent accepted)
    {
        ActivityContext.TryParse(accepted.TraceParent, null, isRemote: true, out var parent);
        return EventsMetrics.Activities.StartActivity("deliver", ActivityKind.Client, parent);
    }

    private static void RecordFirstAttempts(Parcel parcel, DateTimeOffset begunAt)
    {
        foreach (var delivery in parcel.Deliveries)
        {
            if (delivery is { FirstAttemptAt: null, ReplayId: null })
            {
                DeliveryMetrics.FirstAttemptDelay.Record((begunAt - delivery.Accepted.ReceivedAt).TotalSeconds);
            }
        }
    }

    private void Tell(Parcel parcel, AttemptOutcome outcome, IReadOnlyList<DeliveryStep> steps, Activity? activity)
    {
        DeliveryMetrics.Attempts.Add(
            1, new KeyValuePair<string, object?>("outcome", outcome.Name), new("code", outcome.Code >= 600 ? outcome.Code : outcome.Code / 100 * 100));
        DeliveryMetrics.ParcelEvents.Record(parcel.Deliveries.Count);
        if (outcome is AttemptOutcome.Delivered)
        {
            DeliveryMetrics.DeliveredEvents.Add(parcel.Deliveries.Count);
        }

        activity?.SetTag("http.response.status_code", outcome.Code);
        for (var i = 0; i < steps.Count; i++)
        {
            if (steps[i] is DeliveryStep.GiveUp giveUp)
            {
                Log.GaveUp(logger, parcel.Deliveries[i].Accepted.EventId, parcel.Registration.Id, outcome.Code, giveUp.Reason);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Event {EventId} is not pushed to registration {RegistrationId} any more, without another attempt: {Reason}")]
        public static partial void EndedWithoutAttempt(ILogger logger, Guid eventId, RegistrationId registrationId, GiveUpReason reason);

        [LoggerMessage(2, LogLevel.Information, "Event {EventId} is not pushed to registration {RegistrationId} any more: {Code} ({Reason})")]
        public static partial void GaveUp(ILogger logger, Guid eventId, RegistrationId registrationId, int code, GiveUpReason reason);
    }
}
