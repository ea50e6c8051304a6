using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Signalbox.Events.Egress;
using Signalbox.Events.EventLog;
using Signalbox.Events.Health;
using Signalbox.Events.Registrations;
using Signalbox.Events.Signing;
using Signalbox.Events.Tracing;

namespace Signalbox.Events.Delivery;

/// <summary>Makes one attempt: from the event to the outcome that is kept.</summary>
/// <remarks>
/// <code>
///  event ─(1) compose─► bytes ─(2) sign─► signatures ─(3) address─► URL ─(4) write headers─► request
///                                                                                              │ (5) send
///  deliveries, traces ◄─(8) keep─ step ◄─(7) decide─ outcome ◄─(6) judge─ exchange ◄───────────┘
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
    EventsOptions options,
    TimeProvider clock,
    ILogger<Deliverer> logger) : IDeliverer
{
    private const string RequestIdAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <inheritdoc />
    public async Task<DeliveryStep> AttemptAsync(OwedDelivery delivery, CancellationToken cancellationToken)
    {
        var (accepted, registration) = (delivery.Accepted, delivery.Registration);
        if (RetrySchedule.IsOver(delivery.FirstAttemptAt, clock.GetUtcNow()))
        {
            await store.RemoveAsync(delivery.Key, cancellationToken);
            Log.Expired(logger, accepted.EventId, registration.Id);
            return new DeliveryStep.GiveUp(GiveUpReason.Expired);
        }

        using var activity = Activity(accepted);
        if (delivery.FirstAttemptAt is null)
        {
            DeliveryMetrics.FirstAttemptDelay.Record((clock.GetUtcNow() - accepted.ReceivedAt).TotalSeconds);
        }

        // 1.
        var isBatch = registration.DeliveryType == DeliveryType.WebhookBatch;
        var body = DeliveredPayload.Compose(accepted, registration.ClientId);
        body = isBatch ? AsArray(body) : body;

        // 2.
        var signatures = await signer.SignAsync(
            new SignatureName(accepted.EventId, registration.ClientId, isBatch), accepted.ReceivedAt, body, cancellationToken);

        // 3. A handler's address is asked for each time: the server's own address may have changed.
        var url = registration.RuntimeAction is null
            ? registration.WebhookUrl
            : await handlers.FindUrlAsync(registration.WorkspaceId, registration.HandlerSuffix ?? "", cancellationToken);

        // 4.
        var deliveryId = Guid.NewGuid().ToString("D");
        var provider = await providers.FindAsync(accepted.ProviderId, cancellationToken);
        var request = new OutgoingRequest
        {
            Method = HttpMethod.Post,
            Url = url ?? _nowhere,
            ContentType = isBatch ? "application/json; charset=utf-8" : "application/cloudevents+json; charset=UTF-8",
            Headers = await WriteHeadersAsync(delivery, deliveryId, provider, signatures, body, activity, cancellationToken),
            HiddenHeaders = registration.RuntimeAction is null
                ? []
                : [new("x-signalbox-delivery", options.DeliverySecret), new("x-ow-extra-logging", "on")],
            Body = body,
        };

        // 5.
        var exchange = url is null
            ? client.Refuse(request, "The registration has no URL to deliver to: its workspace has no Runtime namespace.")
            : await client.SendAsync(request, registration.RuntimeAction is not null, DeliveryTimeouts.Of(registration), cancellationToken);

        // 6.
        var outcome = AttemptOutcome.FromCode(exchange.Code);

        // 7. The row keeps milliseconds: the schedule starts from what it keeps.
        var firstAttemptAt = delivery.FirstAttemptAt ?? exchange.StartedAt;
        var step = DeliveryStep.After(outcome, delivery.RetryCount, firstAttemptAt, exchange.EndedAt);

        // 8.
        var endedAt = clock.GetUtcNow();
        var trace = new DeliveryTrace
        {
            RegistrationKey = registration.Key,
            DeliveryId = deliveryId,
            EventCode = accepted.EventCode,
            IsSuccess = outcome is AttemptOutcome.Delivered,
            AttemptedAt = exchange.StartedAt,
            HeldBytes = TraceDocument.EstimateBytes(exchange),
            WriteDocument = () => TraceDocument.Write(
                registration, deliveryId, accepted.EventCode, exchange,
                [new TraceInsight(provider, accepted.EventCode, [accepted.EventId.ToString("D")])], endedAt),
        };
        await store.KeepAsync(delivery.Key, firstAttemptAt, step, trace, cancellationToken);
        counter.Count(registration, trace.IsSuccess, endedAt);
        Tell(delivery, outcome, step, activity);
        return step;
    }

    /// <summary>32 random alphanumerics.</summary>
    internal static string NewRequestId() => RandomNumberGenerator.GetString(RequestIdAlphabet, 32);

    private static readonly Uri _nowhere = new("about:blank");

    private static Activity? Activity(AcceptedEvent accepted)
    {
        ActivityContext.TryParse(accepted.TraceParent, null, isRemote: true, out var parent);
        return EventsMetrics.Activities.StartActivity("deliver", ActivityKind.Client, parent);
    }

    private static ReadOnlyMemory<byte> AsArray(ReadOnlyMemory<byte> payload)
    {
        var array = new byte[payload.Length + 2];
        array[0] = (byte)'[';
        payload.Span.CopyTo(array.AsSpan(1));
        array[^1] = (byte)']';
        return array;
    }

    private async Task<IReadOnlyList<KeyValuePair<string, string>>> WriteHeadersAsync(
        OwedDelivery delivery,
        string deliveryId,
        string provider,
        PayloadSignatures signatures,
        ReadOnlyMemory<byte> body,
        Activity? activity,
        CancellationToken cancellationToken)
    {
        var headers = new List<KeyValuePair<string, string>>(16)
        {
            new("accept-encoding", "deflate,compress,identity"),
            new("user-agent", "Adobe/1.0"),
            new("x-request-id", NewRequestId()),
            new("x-adobe-delivery-id", deliveryId),
            new("x-adobe-event-code", delivery.Accepted.EventCode),
            new("x-adobe-event-id", delivery.Accepted.EventId.ToString("D")),
            new("x-adobe-provider", provider),
            new("x-adobe-digital-signature-1", signatures.Signature1),
            new("x-adobe-digital-signature-2", signatures.Signature2),
            new("x-adobe-public-key1-path", signatures.KeyPath1),
            new("x-adobe-public-key2-path", signatures.KeyPath2),
        };
        if (await secrets(delivery.Registration.ClientId, cancellationToken) is { } secret)
        {
            headers.Add(new("x-adobe-signature", Signer.SignWithSecret(secret, body.Span)));
        }

        if (delivery.RetryCount > 0)
        {
            headers.Add(new("x-adobe-retry-count", delivery.RetryCount.ToString()));
        }

        if ((activity?.Id ?? delivery.Accepted.TraceParent) is { } traceParent)
        {
            headers.Add(new("traceparent", traceParent));
        }

        return headers;
    }

    private void Tell(OwedDelivery delivery, AttemptOutcome outcome, DeliveryStep step, Activity? activity)
    {
        DeliveryMetrics.Attempts.Add(
            1, new KeyValuePair<string, object?>("outcome", outcome.Name), new("code", outcome.Code >= 600 ? outcome.Code : outcome.Code / 100 * 100));
        activity?.SetTag("http.response.status_code", outcome.Code);
        if (step is DeliveryStep.GiveUp giveUp)
        {
            Log.GaveUp(logger, delivery.Accepted.EventId, delivery.Registration.Id, outcome.Code, giveUp.Reason);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Event {EventId} was not delivered to registration {RegistrationId}: its 24 hours ended while no attempt could be made")]
        public static partial void Expired(ILogger logger, Guid eventId, RegistrationId registrationId);

        [LoggerMessage(2, LogLevel.Information, "Event {EventId} is not pushed to registration {RegistrationId} any more: {Code} ({Reason})")]
        public static partial void GaveUp(ILogger logger, Guid eventId, RegistrationId registrationId, int code, GiveUpReason reason);
    }
}
