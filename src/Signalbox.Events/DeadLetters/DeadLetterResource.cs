using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Signalbox.Events.Edge;
using Signalbox.Events.EventLog;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.DeadLetters;

/// <summary>A dead letter as the API shows it.</summary>
internal sealed record DeadLetterResource
{
    public required string Id { get; init; }

    public required string Reason { get; init; }

    /// <summary>Who has to mend it: <c>endpoint</c>, <c>user</c> or <c>signalbox</c>.</summary>
    public required string Fault { get; init; }

    public int? LastCode { get; init; }

    public required int Attempts { get; init; }

    public string? FirstAttemptDate { get; init; }

    public required string Date { get; init; }

    public string? EventId { get; init; }

    public string? ProviderId { get; init; }

    public string? EventCode { get; init; }

    public string? ReceivedDate { get; init; }

    public string? LastDeliveryId { get; init; }

    public string? ReplayId { get; init; }

    /// <summary>Only when one is asked for: the payload as it was delivered.</summary>
    public RawJson? Event { get; init; }

    /// <summary>Only when one is asked for, and while the trace is kept.</summary>
    public RawJson? LastTrace { get; init; }

    [JsonPropertyName("_links")]
    public required Dictionary<string, HalLink> Links { get; init; }

    public static DeadLetterResource Of(HttpContext context, Registration registration, DeadLetter letter, AcceptedEvent? accepted)
    {
        var id = letter.Key.ToString(CultureInfo.InvariantCulture);
        var self = $"{registration.Path()}/dead-letters/{id}";
        return new()
        {
            Id = id,
            Reason = DeadLetterWords.Of(letter.Reason),
            Fault = DeadLetterWords.Of(DeadLetterWords.FaultOf(letter.Reason)),
            LastCode = letter.LastCode,
            Attempts = letter.Attempts,
            FirstAttemptDate = letter.FirstAttemptAt is { } first ? ApiTime.Format(first) : null,
            Date = ApiTime.Format(letter.DeadAt),
            EventId = accepted?.EventId.ToString("D"),
            ProviderId = accepted?.ProviderId,
            EventCode = accepted?.EventCode,
            ReceivedDate = accepted is null ? null : ApiTime.Format(accepted.ReceivedAt),
            LastDeliveryId = letter.LastDeliveryId,
            ReplayId = letter.ReplayId,
            Links = new()
            {
                ["self"] = context.LinkTo(self),
                ["rel:redrive"] = context.LinkTo(self + "/redrive"),
            },
        };
    }
}

internal sealed record DeadLetterCollection
{
    /// <summary>How many there are of each reason, whatever the filter.</summary>
    public required Dictionary<string, long> Counts { get; init; }

    /// <summary>How many of the oldest were dropped because there were too many.</summary>
    public required long Dropped { get; init; }

    [JsonPropertyName("_embedded")]
    public required EmbeddedDeadLetters Embedded { get; init; }

    [JsonPropertyName("_links")]
    public required Dictionary<string, HalLink> Links { get; init; }
}

internal sealed record EmbeddedDeadLetters(IReadOnlyList<DeadLetterResource> DeadLetters);

/// <summary>How many dead letters were removed.</summary>
internal sealed record PurgedResource(long Purged);
