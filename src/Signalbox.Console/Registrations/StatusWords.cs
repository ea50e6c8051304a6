using System.Globalization;
using Signalbox.Events.Challenges;
using Signalbox.Events.Health;
using Signalbox.Events.Registrations;
using Signalbox.WebConsole.Components;

namespace Signalbox.WebConsole.Registrations;

/// <summary>Changes of a status, for people.</summary>
internal static class StatusWords
{
    public static string Reason(StatusHistoryEntry entry) => entry.Reason switch
    {
        StatusReason.Created => "Created",
        StatusReason.Deleted => "Deleted",
        StatusReason.EndpointFails => $"Most attempts failed{Tally(entry)}",
        StatusReason.EndpointStillFails => $"Most attempts failed for another window{Tally(entry)}",
        StatusReason.EndpointRecovered => $"The endpoint works again{Tally(entry)}",
        StatusReason.ChallengeAnswered => "The challenge was answered",
        StatusReason.ChallengeFailed => "The challenge was not answered",
        StatusReason.ChallengePending => "The challenge is open",
        StatusReason.EnabledByUser => "Switched on",
        StatusReason.DisabledByUser => "Switched off",
        StatusReason.DestinationChanged => "Delivered elsewhere from now on",
        StatusReason.SourceAssociated => "The event source was associated with an event bus",
        StatusReason.SourceExpired => "The event source was not associated in time",
        StatusReason.SourcePending => "The event source waits for its event bus",
        var other => other,
    };

    public static (Lamp Lamp, string Word) State(StatusHistoryEntry entry) => (entry.IsEnabled, entry.To) switch
    {
        (false, _) or (_, WebhookStatus.HookUnreachable or WebhookStatus.VerificationFailed) => (Lamp.Red, "Disabled"),
        (_, WebhookStatus.Verified) => (Lamp.Green, "Active"),
        (_, WebhookStatus.Unstable) => (Lamp.Amber, "Unstable"),
        _ => (Lamp.Blue, "Pending"),
    };

    public static (Lamp Lamp, string Word) Challenge(ChallengeResult challenge) => challenge.Result switch
    {
        ChallengeResult.Answered => (Lamp.Green, "answered"),
        ChallengeResult.Waiting => (Lamp.Blue, "waits to be opened"),
        ChallengeResult.Expired => (Lamp.Red, "expired"),
        _ => (Lamp.Red, "failed"),
    };

    public static string Explain(ChallengeResult challenge) =>
        challenge.Result == ChallengeResult.Expired ? "The validation URL that was posted was not opened within 5 minutes." : challenge.Explanation;

    private static string Tally(StatusHistoryEntry entry) =>
        entry.Tally is { } tally ? string.Create(CultureInfo.InvariantCulture, $": {tally.Failures:N0} of {tally.Attempts:N0}") : "";
}
