using Signalbox.Events.Registrations;

namespace Signalbox.Events.Challenges;

/// <summary>What came of a registration's newest challenge, and why, so that a failed one can be mended.</summary>
/// <param name="At">When it was known.</param>
/// <param name="Result">One of this type's words.</param>
/// <param name="Explanation">For a person: what was sent, what came back, what was expected.</param>
public sealed record ChallengeResult(DateTimeOffset At, string Result, string Explanation)
{
    public const string Answered = "answered";
    public const string Waiting = "waiting";
    public const string Failed = "failed";
    public const string Expired = "expired";

    /// <summary>As it stands by now: a validation URL was opened, or its time went by, after the result was kept.</summary>
    public ChallengeResult By(WebhookStatus status) => (Result, status) switch
    {
        (Waiting, WebhookStatus.VerificationFailed) => this with { Result = Expired, Explanation = $"{Explanation} Nobody opened it in time. Update the registration to get a new one." },
        (Waiting, not WebhookStatus.Accepted) => this with { Result = Answered, Explanation = "The validation URL was opened in time." },
        _ => this,
    };
}
