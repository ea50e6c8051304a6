using System.Globalization;
using Signalbox.Events.DeadLetters;
using Signalbox.Events.Delivery;
using Signalbox.Events.Registrations;
using Signalbox.Events.Replays;

namespace Signalbox.Events.Stories;

/// <summary>Says in words where a delivery stands and what comes next.</summary>
internal sealed class StoryWords(EventsOptions options)
{
    /// <summary>The state, and one sentence about what follows.</summary>
    public (string State, string Next) Judge(
        Registration registration, OwedRow? owed, IReadOnlyList<RecordedAttempt> made, IReadOnlyList<LetterRow> letters,
        IReadOnlyList<ReplayRow> replays, DateTimeOffset now)
    {
        var (state, next) = Judge(registration, owed, made, letters, now);
        return owed is null && replays.LastOrDefault(replay => replay.IsAhead == 1) is { } ahead
            ? (state, $"Replay {ahead.Id} is to deliver it again. Without it: {next}")
            : (state, next);
    }

    /// <summary>A dead letter, and what may become of it.</summary>
    public DeadLetterStory Tell(LetterRow letter) => new()
    {
        Id = letter.Key.ToString(CultureInfo.InvariantCulture),
        DeadAt = letter.Dead,
        Reason = letter.Reason,
        Fault = DeadLetterWords.Of(DeadLetterWords.FaultOf(letter.ReasonValue)),
        LastCode = letter.LastCode,
        Attempts = letter.Attempts,
        State = letter.Ending ?? "kept",
        EndedAt = letter.Ended,
        ReplayId = letter.EndedBy,
        KeptUntil = letter.Ending is null ? KeptUntil(letter) : null,
        Next = letter.Ending switch
        {
            null => $"It is kept until {Show(KeptUntil(letter))}: redrive it or purge it before.",
            DeadLetterEnds.Purged => "Nothing: somebody removed it for good.",
            DeadLetterEnds.Delivered => "Nothing: it was under way when its replay was cancelled, and the endpoint took it.",
            DeadLetterEnds.Replayed => $"Nothing: replay {letter.EndedBy} took it to deliver it again.",
            _ => "Nothing: it was redriven, as if it had just been published.",
        },
    };

    /// <summary>A replay, and what it does next for the event.</summary>
    public static ReplayStory Tell(Registration registration, ReplayRow replay, OwedRow? owed)
    {
        var isPaused = replay.StateValue == ReplayState.Running && !registration.IsPushing;
        return new ReplayStory
        {
            Id = replay.Id,
            Kind = replay.Kind,
            State = isPaused ? "paused" : replay.State,
            StartedAt = replay.Started,
            EndedAt = replay.Ended,
            Next = replay.StateValue switch
            {
                ReplayState.Done => "Nothing: it is done.",
                ReplayState.Cancelled => "Nothing: it was cancelled.",
                ReplayState.Cancelling => "What it owes and has not delivered becomes a dead letter.",
                _ when isPaused => "It waits until the registration is delivered to again.",
                _ when replay.IsAhead == 1 => "The event comes in its turn, as live deliveries leave room.",
                _ when owed?.ReplayId == replay.Id => "It owes the event now.",
                _ => "Nothing for this event; it goes on with others.",
            },
        };
    }

    private (string State, string Next) Judge(
        Registration registration, OwedRow? owed, IReadOnlyList<RecordedAttempt> made, IReadOnlyList<LetterRow> letters, DateTimeOffset now)
    {
        if (owed is not null)
        {
            return owed.NextAttempt > now
                ? (StoryState.Scheduled, $"Retry {owed.RetryCount} is due at {Show(owed.NextAttempt)}.")
                : (StoryState.Due, owed.RetryCount == 0 ? "Its first attempt is due or under way." : $"Retry {owed.RetryCount} is due or under way.");
        }

        if (letters.Count > 0 && letters[^1] is { Ending: null } kept)
        {
            return (StoryState.Ended, $"Nothing by itself: it is a dead letter ({kept.Reason}), kept until {Show(KeptUntil(kept))}. The journal has it.");
        }

        if (made.Any(a => AttemptOutcome.FromCode(a.Code) is AttemptOutcome.Delivered))
        {
            return (StoryState.Delivered, "Nothing: the endpoint took it.");
        }

        if (letters.Count > 0 && letters[^1] is { Ending: DeadLetterEnds.Purged } purged)
        {
            return (StoryState.Ended, $"Nothing: its dead letter ({purged.Reason}) was purged at {Show(purged.Ended!.Value)}. The journal has it.");
        }

        if (made.Count > 0)
        {
            return AttemptOutcome.FromCode(made[^1].Code) is AttemptOutcome.Rejected
                ? (StoryState.Ended, $"Nothing: the endpoint refused it with {made[^1].Code}, which is not retried. The journal has it.")
                : (StoryState.Ended, "Nothing: the 24 hours of its retries are over. The journal has it.");
        }

        return registration.DeliveryType == DeliveryType.Journal
            ? (StoryState.Journaled, "Nothing: the registration is read by its journal.")
            : (StoryState.Journaled, "Nothing: it was not pushed, because the registration was not active then, or the record of its delivery is gone. The journal has it.");
    }

    private DateTimeOffset KeptUntil(LetterRow letter) => letter.Dead + options.DeadLetterRetention;

    private static string Show(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>What a status or 6xx code means for the delivery (events behaviour, sections 7.4 and 11).</summary>
    public static string Meaning(int code) => code switch
    {
        >= 200 and <= 299 => "delivered",
        601 => "failed on this side of the network; it is retried",
        602 => "the endpoint could not be reached; it is retried",
        604 => "no answer in time; it is retried",
        611 => "the TLS handshake failed; it is retried",
        _ => AttemptOutcome.FromCode(code) is AttemptOutcome.Failed ? "failed; it is retried" : "refused; it is not retried",
    };
}
