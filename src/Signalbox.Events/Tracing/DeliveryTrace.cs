namespace Signalbox.Events.Tracing;

/// <summary>A trace ready to be kept: its document is the JSON that the API returns.</summary>
internal sealed record DeliveryTrace
{
    public required long RegistrationKey { get; init; }

    /// <summary>The document's <c>id</c>.</summary>
    public required string DeliveryId { get; init; }

    public required string EventCode { get; init; }

    /// <summary>The response was 2xx.</summary>
    public required bool IsSuccess { get; init; }

    public required DateTimeOffset AttemptedAt { get; init; }

    /// <summary>UTF-8 JSON.</summary>
    public required byte[] Document { get; init; }
}
