namespace Signalbox.Events.Delivery;

/// <summary>A row of <c>deliveries</c> that this process has claimed.</summary>
internal sealed record ClaimedRow(
    DeliveryKey Key, int RetryCount, DateTimeOffset? FirstAttemptAt, DateTimeOffset NextAttemptAt, DateTimeOffset ClaimedUntil,
    string? Signatures, string? ReplayId)
{
    /// <summary>Its place among the due rows.</summary>
    public DuePlace Place => new(NextAttemptAt, Key.EventSequence);
}
