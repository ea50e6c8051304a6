using System.Globalization;
using System.Security.Cryptography;
using Signalbox.Events.Egress;
using Signalbox.Events.Registrations;
using Signalbox.Events.Signing;

namespace Signalbox.Events.Delivery;

/// <summary>Writes a parcel's request: its address and headers (events behaviour, section 7.2).</summary>
internal sealed class RequestWriter(ProviderNames providers, ClientSecretLookup secrets, IRuntimeHandlers handlers)
{
    private const string RequestIdAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private const string SingleContentType = "application/cloudevents+json; charset=UTF-8";

    private const string BatchContentType = "application/json; charset=utf-8";

    /// <summary>Stands in requests that cannot be sent.</summary>
    public static readonly Uri Nowhere = new("about:blank");

    /// <summary>The request; its URL is <see cref="Nowhere"/> when the registration has none.</summary>
    public async ValueTask<OutgoingRequest> WriteAsync(
        Parcel parcel,
        string deliveryId,
        ReadOnlyMemory<byte> body,
        PayloadSignatures signatures,
        string? traceParent,
        CancellationToken cancellationToken)
    {
        // A handler's address is asked for each time: the server's own address may have changed.
        var registration = parcel.Registration;
        var url = registration.RuntimeAction is null
            ? registration.WebhookUrl
            : await handlers.FindUrlAsync(registration.WorkspaceId, registration.HandlerSuffix ?? "", cancellationToken);
        return new OutgoingRequest
        {
            Method = HttpMethod.Post,
            Url = url ?? Nowhere,
            ContentType = parcel.IsBatch ? BatchContentType : SingleContentType,
            Headers = await WriteHeadersAsync(parcel, deliveryId, body, signatures, traceParent, cancellationToken),
            HiddenHeaders = registration.RuntimeAction is null ? [] : [new("x-ow-extra-logging", "on")],
            Body = body,
            Registration = registration.Id,
            EventId = parcel.Deliveries[0].Accepted.EventId,
        };
    }

    /// <summary>32 random alphanumerics.</summary>
    internal static string NewRequestId() => RandomNumberGenerator.GetString(RequestIdAlphabet, 32);

    private async ValueTask<IReadOnlyList<KeyValuePair<string, string>>> WriteHeadersAsync(
        Parcel parcel,
        string deliveryId,
        ReadOnlyMemory<byte> body,
        PayloadSignatures signatures,
        string? traceParent,
        CancellationToken cancellationToken)
    {
        var headers = new List<KeyValuePair<string, string>>(16)
        {
            new("accept-encoding", "deflate,compress,identity"),
            new("user-agent", "Adobe/1.0"),
            new("x-request-id", NewRequestId()),
            new("x-adobe-delivery-id", deliveryId),
            new("x-adobe-event-code", Join(parcel, delivery => delivery.Accepted.EventCode)),
            new("x-adobe-event-id", Join(parcel, delivery => delivery.Accepted.EventId.ToString("D"))),
            new("x-adobe-provider", await JoinProvidersAsync(parcel, cancellationToken)),
            new("x-adobe-digital-signature-1", signatures.Signature1),
            new("x-adobe-digital-signature-2", signatures.Signature2),
            new("x-adobe-public-key1-path", signatures.KeyPath1),
            new("x-adobe-public-key2-path", signatures.KeyPath2),
        };
        if (await secrets(parcel.Registration.ClientId, cancellationToken) is { } secret)
        {
            headers.Add(new("x-adobe-signature", Signer.SignWithSecret(secret, body.Span)));
        }

        if (parcel.RetryCount > 0)
        {
            headers.Add(new("x-adobe-retry-count", parcel.RetryCount.ToString(CultureInfo.InvariantCulture)));
        }

        if (parcel.Deliveries.Any(delivery => delivery.ReplayId is not null))
        {
            headers.Add(new("x-signalbox-replay", string.Join(',', parcel.Deliveries.Select(delivery => delivery.ReplayId).OfType<string>().Distinct())));
        }

        if (traceParent is not null)
        {
            headers.Add(new("traceparent", traceParent));
        }

        return headers;
    }

    private async ValueTask<string> JoinProvidersAsync(Parcel parcel, CancellationToken cancellationToken)
    {
        var first = await providers.FindAsync(parcel.Deliveries[0].Accepted.ProviderId, cancellationToken);
        if (parcel.Deliveries.Count == 1)
        {
            return first;
        }

        var names = new List<string>(parcel.Deliveries.Count);
        foreach (var delivery in parcel.Deliveries)
        {
            names.Add(await providers.FindAsync(delivery.Accepted.ProviderId, cancellationToken));
        }

        return string.Join(',', names.Distinct());
    }

    /// <summary>A batch's distinct values, in the order of its events.</summary>
    private static string Join(Parcel parcel, Func<OwedDelivery, string> value) =>
        parcel.Deliveries.Count == 1 ? value(parcel.Deliveries[0]) : string.Join(',', parcel.Deliveries.Select(value).Distinct());
}
