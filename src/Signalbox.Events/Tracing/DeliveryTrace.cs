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

    /// <summary>The names of the providers whose events it carried, separated by commas.</summary>
    public required string Provider { get; init; }

    /// <summary>The HTTP status, or a 6xx code.</summary>
    public required int Code { get; init; }

    /// <summary>0 for a first attempt.</summary>
    public int RetryCount { get; init; }

    public required TimeSpan Duration { get; init; }

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
