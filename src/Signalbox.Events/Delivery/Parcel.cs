using System.Diagnostics.CodeAnalysis;
using Signalbox.Events.EventBridge;
using Signalbox.Events.EventLog;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Delivery;

/// <summary>
/// What one request carries: one event, or for a registration with batch delivery several. They were attempted equally
/// often, because the request has one <c>x-adobe-retry-count</c>; a runtime action's are of one event type, because the
/// handler finds the sequence to run by it.
/// </summary>
internal sealed record Parcel
{
    /// <summary>Events of one request (events behaviour, section 7.1).</summary>
    public const int EventsMax = 20;

    /// <summary>Bytes of one request's body (events behaviour, section 7.1). One larger event would still be sent.</summary>
    public const int BytesMax = 2_000_000;

    [SetsRequiredMembers]
    public Parcel(params IReadOnlyList<OwedDelivery> deliveries)
    {
        ArgumentOutOfRangeException.ThrowIfZero(deliveries.Count);
        Deliveries = deliveries;
    }

    /// <summary>
    /// Events that one request of the registration may carry. EventBridge may take some of a request and refuse others, so
    /// one whose order matters gets them one by one.
    /// </summary>
    public static int EventsMaxOf(Registration registration) => registration.DeliveryType switch
    {
        DeliveryType.WebhookBatch => EventsMax,
        DeliveryType.AwsEventBridge when !registration.IsOrdered => EventBridgeSender.EntriesMax,
        _ => 1,
    };

    /// <summary>Bytes that several events of one request may have together.</summary>
    /// <param name="registration">Whose request.</param>
    /// <param name="actionBytesMax">What an action takes.</param>
    public static int BytesMaxOf(Registration registration, int actionBytesMax) =>
        registration.DeliveryType == DeliveryType.AwsEventBridge ? EventBridgeSender.JoinedBytesMax
        : registration.RuntimeAction is not null ? Math.Min(BytesMax, actionBytesMax)
        : BytesMax;

    public required IReadOnlyList<OwedDelivery> Deliveries { get; init; }

    public Registration Registration => Deliveries[0].Registration;

    /// <summary>0 for a first attempt.</summary>
    public int RetryCount => Deliveries[0].RetryCount;

    public bool IsBatch => Registration.DeliveryType == DeliveryType.WebhookBatch;

    /// <summary>The body of the request: the same deliveries always give the same bytes.</summary>
    public ReadOnlyMemory<byte> Compose()
    {
        if (!IsBatch)
        {
            return DeliveredPayload.Compose(Deliveries[0].Accepted, Registration.ClientId);
        }

        var bodies = new ReadOnlyMemory<byte>[Deliveries.Count];
        var length = 1 + bodies.Length;
        for (var i = 0; i < bodies.Length; i++)
        {
            bodies[i] = DeliveredPayload.Compose(Deliveries[i].Accepted, Registration.ClientId);
            length += bodies[i].Length;
        }

        var array = new byte[length];
        var at = 0;
        foreach (var body in bodies)
        {
            array[at++] = at == 1 ? (byte)'[' : (byte)',';
            body.Span.CopyTo(array.AsSpan(at));
            at += body.Length;
        }

        array[at] = (byte)']';
        return array;
    }

    /// <summary>True when the delivery may travel with one that was chosen before.</summary>
    public static bool MayJoin(OwedDelivery first, OwedDelivery next) =>
        first.RetryCount == next.RetryCount
        && (first.Registration.RuntimeAction is null
            || (first.Accepted.EventCode == next.Accepted.EventCode && first.Accepted.ProviderId == next.Accepted.ProviderId));

    /// <summary>What an event takes of a batch's body, with its comma; never less than it really takes.</summary>
    public static int BytesOf(OwedDelivery delivery) =>
        DeliveredPayload.LengthMax(delivery.Accepted, delivery.Registration.ClientId) + 1;
}
