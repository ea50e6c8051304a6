using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Signalbox.Events.Challenges;
using Signalbox.Events.Edge;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Health;

/// <summary>How a registration stands and how it came there, as the API shows it.</summary>
internal sealed record StatusHistoryResource
{
    public required string WebhookStatus { get; init; }

    public required bool Enabled { get; init; }

    /// <summary>Attempts within the window, since <see cref="MeasuredSince"/>.</summary>
    public required long Attempts { get; init; }

    public required long Failures { get; init; }

    public required string MeasuredSince { get; init; }

    /// <summary>When an unstable registration is judged again.</summary>
    public string? JudgedAgainAt { get; init; }

    /// <summary>What came of the newest challenge; absent before the first.</summary>
    public LastChallengeResource? LastChallenge { get; init; }

    [JsonPropertyName("_embedded")]
    public required EmbeddedStatusChanges Embedded { get; init; }

    [JsonPropertyName("_links")]
    public required Dictionary<string, HalLink> Links { get; init; }

    public static StatusHistoryResource Of(
        HttpContext context, Registration registration, AttemptTally tally, HealthThresholds thresholds, ChallengeResult? challenge,
        IReadOnlyList<StatusHistoryEntry> entries) => new()
        {
            WebhookStatus = RegistrationWords.Of(registration.Status),
            Enabled = registration.IsEnabled,
            Attempts = tally.Attempts,
            Failures = tally.Failures,
            MeasuredSince = ApiTime.Format(registration.MeasuredSince),
            JudgedAgainAt = registration.Status == Registrations.WebhookStatus.Unstable ? ApiTime.Format(registration.MeasuredSince + thresholds.Window) : null,
            LastChallenge = challenge is null ? null : new LastChallengeResource(ApiTime.Format(challenge.At), challenge.Result, challenge.Explanation),
            Embedded = new EmbeddedStatusChanges([.. entries.Select(StatusChangeResource.Of)]),
            Links = new()
            {
                ["self"] = context.LinkToSelf(),
                ["rel:registration"] = context.LinkTo(registration.Path()),
            },
        };
}

/// <summary>A challenge's result (answered, waiting, failed, expired) and one or two sentences about why.</summary>
internal sealed record LastChallengeResource(string Date, string Result, string Explanation);

internal sealed record EmbeddedStatusChanges(IReadOnlyList<StatusChangeResource> StatusChanges);

/// <summary>One change, newest first in its list.</summary>
internal sealed record StatusChangeResource
{
    public required string Date { get; init; }

    public string? From { get; init; }

    public required string To { get; init; }

    public required bool Enabled { get; init; }

    public required string Reason { get; init; }

    public long? Attempts { get; init; }

    public long? Failures { get; init; }

    public static StatusChangeResource Of(StatusHistoryEntry entry) => new()
    {
        Date = ApiTime.Format(entry.At),
        From = entry.From is { } from ? RegistrationWords.Of(from) : null,
        To = RegistrationWords.Of(entry.To),
        Enabled = entry.IsEnabled,
        Reason = entry.Reason,
        Attempts = entry.Tally?.Attempts,
        Failures = entry.Tally?.Failures,
    };
}
