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
        Registration registration, OwedRow? owed, DeliveryHold? hold, IReadOnlyList<RecordedAttempt> made, IReadOnlyList<LetterRow> letters,
        IReadOnlyList<ReplayRow> replays, DateTimeOffset now)
    {
        if (hold is not null)
        {
            return (StoryState.Waiting, Waits(registration, hold));
        }

        if (owed is not null)
        {
            return Judge(registration, owed, now);
        }

        var (state, fact) = Judge(registration, made, letters);
        return replays.LastOrDefault(replay => replay.IsAhead == 1) is { } ahead ? (state, $"Replay {ahead.Id} is to deliver it again. So far {fact}")
            : letters is [.., { Ending: null }] && registration.DeletedAt is null ? (state, $"Nothing by itself: {fact}")
            : (state, $"Nothing: {fact}");
    }

    /// <summary>A dead letter, and what may become of it.</summary>
    public DeadLetterStory Tell(Registration registration, LetterRow letter) => new()
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
            null when registration.DeletedAt is { } deletedAt =>
                $"Its registration was deleted at {Show(deletedAt)}, so that it cannot be redriven. It goes at {Show(KeptUntil(letter))}.",
            null => $"It is kept until {Show(KeptUntil(letter))}: redrive it or purge it before.",
            DeadLetterEnds.Purged => "Nothing: somebody removed it for good.",
            DeadLetterEnds.Dropped => $"Nothing: its registration had more than {options.DeadLettersPerRegistrationMax}, and the oldest go first.",
            DeadLetterEnds.Delivered => "Nothing: it was under way when its replay was cancelled, and the endpoint took it.",
            DeadLetterEnds.Replayed => $"Nothing: replay {letter.EndedBy} took it to deliver it again.",
            _ => "Nothing: it was redriven, as if it had just been published.",
        },
    };

    /// <summary>What a delivery waits for.</summary>
    public static HeldStory Tell(DeliveryHold hold) => new()
    {
        Reason = Of(hold.Reason),
        Until = hold.Until,
        BehindEventId = hold.Behind?.EventId,
    };

    /// <summary>What keeps a delivery, as the API words it.</summary>
    public static string Of(HoldReason reason) => reason switch
    {
        HoldReason.EndpointPause => "endpoint_pause",
        HoldReason.InOrder => "in_order",
        HoldReason.RateLimit => "rate_limit",
        HoldReason.SlowPace => "slow_pace",
        _ => "outcome_unkept",
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

    private static (string State, string Next) Judge(Registration registration, OwedRow owed, DateTimeOffset now) => (owed.NextAttempt > now) switch
    {
        true when registration.DeliveryType == DeliveryType.Journal => (
            StoryState.Scheduled,
            $"It becomes a dead letter ({DeadLetterWords.Of(DeadLetterReason.RegistrationDisabled)}) at {Show(owed.NextAttempt)}, without another attempt: the registration is read by its journal now."),
        true => (StoryState.Scheduled, $"Retry {owed.RetryCount} is due at {Show(owed.NextAttempt)}."),
        false => (StoryState.Due, owed.RetryCount == 0 ? "Its first attempt is due or under way." : $"Retry {owed.RetryCount} is due or under way."),
    };

    /// <summary>How it ended, as the end of a sentence.</summary>
    private (string State, string Fact) Judge(Registration registration, IReadOnlyList<RecordedAttempt> made, IReadOnlyList<LetterRow> letters)
    {
        var last = letters.Count > 0 ? letters[^1] : null;
        var rest = registration.DeletedAt is null ? " The journal has it." : "";
        if (last is { Ending: null })
        {
            return registration.DeletedAt is { } deletedAt
                ? (StoryState.Ended, $"it is a dead letter ({last.Reason}) of a registration that was deleted at {Show(deletedAt)}, and goes at {Show(KeptUntil(last))}.")
                : (StoryState.Ended, $"it is a dead letter ({last.Reason}), kept until {Show(KeptUntil(last))}.{rest}");
        }

        if (made.Any(a => AttemptOutcome.FromCode(a.Code) is AttemptOutcome.Delivered))
        {
            return (StoryState.Delivered, "the endpoint took it.");
        }

        if (last is { Ending: DeadLetterEnds.Purged })
        {
            return (StoryState.Ended, $"its dead letter ({last.Reason}) was purged at {Show(last.Ended!.Value)}.{rest}");
        }

        if (last is { Ending: DeadLetterEnds.Dropped })
        {
            return (
                StoryState.Ended,
                $"its dead letter ({last.Reason}) was dropped at {Show(last.Ended!.Value)}, because the registration had more than {options.DeadLettersPerRegistrationMax}.{rest}");
        }

        if (made.Count > 0)
        {
            return AttemptOutcome.FromCode(made[^1].Code) is AttemptOutcome.Rejected
                ? (StoryState.Ended, $"the endpoint refused it with {made[^1].Code}, which is not retried.{rest}")
                : (StoryState.Ended, $"the 24 hours of its retries are over.{rest}");
        }

        return registration.DeliveryType == DeliveryType.Journal
            ? (StoryState.Journaled, "the registration is read by its journal.")
            : (StoryState.Journaled, $"it was not pushed, because the registration was not active then, or the record of its delivery is gone.{rest}");
    }

    /// <summary>The same in a sentence.</summary>
    public static string Waits(Registration registration, DeliveryHold hold)
    {
        var until = hold.Until is { } at ? Show(at) : null;
        return hold.Reason switch
        {
            HoldReason.EndpointPause => $"Waits until {until}: its endpoint asked for a pause (Retry-After).",
            HoldReason.InOrder when hold.Behind is { } before =>
                $"Waits behind event {before.EventId}, {Stands(before, until)}: this registration is delivered in order.",
            HoldReason.InOrder => $"Waits until {until}, when a retry is due: this registration is delivered in order.",
            HoldReason.RateLimit =>
                $"Waits for its turn: this registration gets {registration.DeliveryRatePerSecond} {(registration.DeliveryRatePerSecond == 1 ? "event" : "events")} a second.",
            HoldReason.SlowPace => "Waits for its turn: its endpoint failed so often in a row that it is called at a slow pace.",
            _ => $"Waits until {until}: the outcome of the last attempt could not be kept.",
        };
    }

    private static string Stands(BeforeRow before, string? until) =>
        until is null ? "which is due or under way"
        : before.RetryCount > 0 ? $"whose retry is due at {until}"
        : $"which waits until {until}";

    private DateTimeOffset KeptUntil(LetterRow letter) => letter.Dead + options.DeadLetterRetention;

    /// <summary>A time, in a sentence.</summary>
    public static string Show(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>True when another attempt of the series was made or is owed.</summary>
    public static bool IsRetried(
        Registration registration, RecordedAttempt attempt, IReadOnlyList<RecordedAttempt> made, OwedRow? owed, IReadOnlyList<LetterRow> letters) =>
        made.Any(other => other.SeriesAt == attempt.SeriesAt && other.RetryCount > attempt.RetryCount)
        || (owed is not null && registration.DeliveryType != DeliveryType.Journal
            && (owed.FirstAttempt is { } first ? first == attempt.SeriesAt : !letters.Any(letter => letter.Dead >= attempt.AttemptedAt)));

    /// <summary>What a status or 6xx code means for the delivery (events behaviour, sections 7.4 and 11).</summary>
    public static string Meaning(int code, bool isRetried) => AttemptOutcome.FromCode(code) switch
    {
        AttemptOutcome.Delivered => "delivered",
        AttemptOutcome.Rejected => "refused; it is not retried",
        _ => $"{Failure(code)}; {(isRetried ? "it is retried" : "no retry follows")}",
    };

    private static string Failure(int code) => code switch
    {
        601 => "failed on this side of the network",
        602 => "the endpoint could not be reached, or its answer is no HTTP",
        604 => "no answer in time",
        611 => "the TLS handshake failed",
        _ => "failed",
    };
}
