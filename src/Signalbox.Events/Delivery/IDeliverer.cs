namespace Signalbox.Events.Delivery;

/// <summary>Makes one attempt and keeps its outcome. The dispatcher's tests put gates in its place.</summary>
internal interface IDeliverer
{
    /// <summary>Attempts to deliver a parcel and makes the outcome durable.</summary>
    /// <exception cref="OperationCanceledException">The attempt was abandoned; nothing was written.</exception>
    Task<AttemptReport> AttemptAsync(Parcel parcel, CancellationToken cancellationToken);
}
