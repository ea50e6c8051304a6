using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Signalbox.Events.Edge;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Replays;

/// <summary>A replay as the API shows it.</summary>
internal sealed record ReplayResource
{
    public required string Id { get; init; }

    /// <summary><c>running</c>, <c>paused</c> (its registration is not delivered to now), <c>cancelling</c>, <c>cancelled</c> or <c>done</c>.</summary>
    public required string State { get; init; }

    /// <summary><c>event</c>, <c>failed</c> or <c>range</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The body that it was started with.</summary>
    public required JsonElement Asked { get; init; }

    /// <summary>Events that were meant when it began; an estimate.</summary>
    public required long Total { get; init; }

    public required long Delivered { get; init; }

    public required long Failed { get; init; }

    /// <summary>Events that were being delivered already, or that had expired.</summary>
    public required long Skipped { get; init; }

    /// <summary>Under way, retries that wait included.</summary>
    public required long Outstanding { get; init; }

    /// <summary>What it waits for; absent while it goes on.</summary>
    public ReplayHold? Held { get; init; }

    public required string CreatedDate { get; init; }

    public string? EndedDate { get; init; }

    [JsonPropertyName("_links")]
    public required Dictionary<string, HalLink> Links { get; init; }

    public static ReplayResource Of(HttpContext context, Registration registration, Replay replay, ReplayHold? hold) => new()
    {
        Id = replay.Id,
        State = replay.State == ReplayState.Running && !registration.IsPushing ? "paused" : ReplayWords.Of(replay.State),
        Kind = replay.Kind,
        Asked = JsonElement.Parse(replay.Asked),
        Total = replay.Total,
        Delivered = replay.Delivered,
        Failed = replay.Failed,
        Skipped = replay.Skipped,
        Outstanding = replay.Outstanding,
        Held = hold,
        CreatedDate = ApiTime.Format(replay.CreatedAt),
        EndedDate = replay.EndedAt is { } ended ? ApiTime.Format(ended) : null,
        Links = new()
        {
            ["self"] = context.LinkTo($"{registration.Path()}/replays/{replay.Id}"),
            ["rel:registration"] = context.LinkTo(registration.Path()),
        },
    };
}

internal sealed record ReplayCollection
{
    [JsonPropertyName("_embedded")]
    public required EmbeddedReplays Embedded { get; init; }

    [JsonPropertyName("_links")]
    public required Dictionary<string, HalLink> Links { get; init; }
}

internal sealed record EmbeddedReplays(IReadOnlyList<ReplayResource> Replays);
