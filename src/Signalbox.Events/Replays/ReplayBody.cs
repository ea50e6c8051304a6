using System.Text.Json.Serialization;
using Signalbox.Events.DeadLetters;
using Signalbox.Events.Edge;

namespace Signalbox.Events.Replays;

/// <summary>The body that starts a replay: an event, what failed since a time, or a range of time. A misspelt member is refused: without it, more would be meant.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ReplayBody
{
    /// <summary>The <c>eventid</c> of one event.</summary>
    public string? EventId { get; init; }

    /// <summary>All dead letters since then.</summary>
    public string? FailedSince { get; init; }

    /// <summary>With <see cref="FailedSince"/>: only those.</summary>
    public string? Reason { get; init; }

    /// <summary>With <see cref="FailedSince"/>: only those before.</summary>
    public string? FailedBefore { get; init; }

    /// <summary>All events received from then on.</summary>
    public string? From { get; init; }

    /// <summary>And before then; now, when it is absent.</summary>
    public string? To { get; init; }

    internal static ReplayBody Of(ReplaySelection selection) => selection switch
    {
        ReplaySelection.OneEvent one => new() { EventId = one.EventId.ToString("D") },
        ReplaySelection.Range range => new() { From = ApiTime.Format(range.From), To = ApiTime.Format(range.To) },
        ReplaySelection.Failed { Filter: var filter } => new()
        {
            FailedSince = filter.From is { } from ? ApiTime.Format(from) : null,
            FailedBefore = filter.To is { } to ? ApiTime.Format(to) : null,
            Reason = filter.Reason is { } reason ? DeadLetterWords.Of(reason) : null,
        },
        _ => throw new ArgumentOutOfRangeException(nameof(selection), selection, null),
    };

    internal Outcome<ReplaySelection> Select(DateTimeOffset now)
    {
        var given = new[] { EventId, FailedSince, From }.Count(text => !string.IsNullOrEmpty(text));
        if (given != 1)
        {
            return ApiRefusal.BadRequest(
                "Say what to replay with exactly one of 'event_id' (an 'eventid'), 'failed_since' (a time) or 'from' (a time, with 'to').");
        }

        if (FindStray() is { } stray)
        {
            return stray;
        }

        if (!string.IsNullOrEmpty(EventId))
        {
            return Guid.TryParse(EventId, out var id)
                ? new ReplaySelection.OneEvent(id)
                : ApiRefusal.BadField("event_id", $"'event_id' is '{FieldChecks.Shown(EventId)}', which is no UUID. Give the 'eventid' of a delivered event.");
        }

        if (!string.IsNullOrEmpty(FailedSince))
        {
            var checks = new FieldChecks();
            checks.OptionalTime("failed_since", FailedSince);
            checks.OptionalTime("failed_before", FailedBefore);
            return checks.Refusal is { } wrong ? wrong
                : DeadLetterFilter.Parse(Reason, FailedSince, FailedBefore).IsRefused(out var refusal, out var filter) ? refusal
                : new ReplaySelection.Failed(filter);
        }

        return SelectRange(now);
    }

    /// <summary>Refuses what would narrow another kind of replay: without it, more would be delivered than was meant.</summary>
    private ApiRefusal? FindStray()
    {
        (string Kind, string Remedy, (string Field, string? Value)[] Strays) given = this switch
        {
            { EventId.Length: > 0 } => ("event_id", "An event needs nothing beside it.", [("reason", Reason), ("failed_before", FailedBefore), ("to", To)]),
            { FailedSince.Length: > 0 } => ("failed_since", "What failed since a time ends with 'failed_before'.", [("to", To)]),
            _ => ("from", "A range of time ends with 'to'; 'reason' and 'failed_before' go with 'failed_since'.", [("reason", Reason), ("failed_before", FailedBefore)]),
        };
        var checks = new FieldChecks();
        foreach (var (field, _) in given.Strays.Where(stray => !string.IsNullOrEmpty(stray.Value)))
        {
            checks.Add(field, $"'{field}' does not go with '{given.Kind}'. Remove it. {given.Remedy}");
        }

        return checks.Refusal;
    }

    private Outcome<ReplaySelection> SelectRange(DateTimeOffset now)
    {
        var checks = new FieldChecks();
        var from = checks.OptionalTime("from", From);
        var to = checks.OptionalTime("to", To) ?? now;
        if (checks.Refusal is null && from >= to && string.IsNullOrEmpty(To))
        {
            checks.Add("from", $"'from' is {ApiTime.Format(from.Value)}, which is not before now, {ApiTime.Format(to)}: no event was received since. Give an earlier time.");
        }
        else if (checks.Refusal is null && from >= to)
        {
            checks.Add("to", $"'to' is {ApiTime.Format(to)}, which is not after 'from', {ApiTime.Format(from!.Value)}.");
        }

        return checks.Refusal is { } refusal ? refusal : new ReplaySelection.Range(from!.Value, to);
    }
}
