using System.Text.Json.Serialization;
using Signalbox.Events.DeadLetters;

namespace Signalbox.Events.Stories;

/// <summary>A delivery that ended without success, in a story.</summary>
public sealed record DeadLetterStory
{
    /// <summary>By which it is inspected, redriven and purged.</summary>
    public required string Id { get; init; }

    public required DateTimeOffset DeadAt { get; init; }

    /// <summary>As the list of dead letters words it: <c>endpoint_rejected</c>, <c>retries_exhausted</c> and so on.</summary>
    public required string Reason { get; init; }

    /// <summary>The same as a value.</summary>
    [JsonIgnore]
    public DeadLetterReason Cause => DeadLetterWords.ToReason(Reason) ?? DeadLetterReason.Internal;

    /// <summary>Whose failure it was: <c>endpoint</c>, <c>user</c> or <c>signalbox</c>.</summary>
    public required string Fault { get; init; }

    /// <summary>The HTTP status or 6xx code of the last attempt; absent when there was none.</summary>
    public int? LastCode { get; init; }

    public required int Attempts { get; init; }

    /// <summary><c>kept</c>, <c>redriven</c>, <c>replayed</c>, <c>delivered</c> (its replay was cancelled while it was under way), <c>purged</c> or <c>dropped</c> (its registration had too many).</summary>
    public required string State { get; init; }

    /// <summary>When it ceased to be a dead letter; absent while it is kept.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The replay that took it.</summary>
    public string? ReplayId { get; init; }

    /// <summary>While it is kept: until when.</summary>
    public DateTimeOffset? KeptUntil { get; init; }

    /// <summary>What comes next, in one sentence.</summary>
    public required string Next { get; init; }
}
