namespace Signalbox.Events.EventBridge;

/// <summary><c>destination_metadata</c> as it is sent and shown.</summary>
public sealed record DestinationBody
{
    public string? AwsRegion { get; init; }

    public string? AwsAccountId { get; init; }

    public static DestinationBody? Of(EventBridgeDestination? destination) =>
        destination is null ? null : new() { AwsRegion = destination.Region, AwsAccountId = destination.AccountId };
}
