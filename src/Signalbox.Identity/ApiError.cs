using System.Text.Json.Serialization;

namespace Signalbox.Identity;

/// <summary>The error body of the events APIs (events behaviour, section 2).</summary>
public sealed record ApiError
{
    /// <summary>The status's reason phrase, such as <c>Bad Request</c>.</summary>
    [JsonPropertyName("reason")]
    public required string Reason { get; init; }

    /// <summary>What was wrong, with which value, and what to do.</summary>
    [JsonPropertyName("message")]
    public required string Message { get; init; }

    /// <summary>The fields that were wrong; often none.</summary>
    [JsonPropertyName("errors")]
    public required IReadOnlyList<ApiFieldError> Errors { get; init; }

    /// <summary>The request's id: the same as in the header <c>x-request-id</c>, and in the log.</summary>
    [JsonPropertyName("request_id")]
    public required string RequestId { get; init; }
}
