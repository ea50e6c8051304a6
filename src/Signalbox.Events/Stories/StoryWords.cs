using System.Globalization;
using Signalbox.Events.Delivery;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Stories;

/// <summary>Says in words where a delivery stands and what comes next.</summary>
internal static class StoryWords
{
    /// <summary>The state, and one sentence about what follows.</summary>
    public static (string State, string Next) Judge(
        Registration registration, OwedRow? owed, IReadOnlyList<RecordedAttempt> made, DateTimeOffset now)
    {
        if (owed is not null)
        {
            return owed.NextAttempt > now
                ? (StoryState.Scheduled, string.Create(CultureInfo.InvariantCulture, $"Retry {owed.RetryCount} is due at {owed.NextAttempt.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}."))
                : (StoryState.Due, owed.RetryCount == 0 ? "Its first attempt is due or under way." : $"Retry {owed.RetryCount} is due or under way.");
        }

        if (made.Any(a => AttemptOutcome.FromCode(a.Code) is AttemptOutcome.Delivered))
        {
            return (StoryState.Delivered, "Nothing: the endpoint took it.");
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
