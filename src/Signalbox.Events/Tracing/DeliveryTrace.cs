using Signalbox.Events.Stories;

namespace Signalbox.Events.Tracing;

/// <summary>A trace that is to be kept.</summary>
internal sealed record DeliveryTrace
{
    public required long RegistrationKey { get; init; }

    /// <summary>The document's <c>id</c>.</summary>
    public required string DeliveryId { get; init; }

    public required string EventCode { get; init; }

    /// <summary>The response was 2xx.</summary>
    public required bool IsSuccess { get; init; }

    public required DateTimeOffset AttemptedAt { get; init; }

    /// <summary>
    /// Writes the JSON that the API returns, in UTF-8. Called when the trace is stored, which most successes of a busy
    /// registration never are.
    /// </summary>
    public required Func<byte[]> WriteDocument { get; init; }

    /// <summary>What the stories of its events keep of it; a challenge has none.</summary>
    public IReadOnlyList<RecordedAttempt> Attempts { get; init; } = [];

    /// <summary>What the trace holds in memory until it is stored, in bytes, about.</summary>
    public required int HeldBytes { get; init; }
}
