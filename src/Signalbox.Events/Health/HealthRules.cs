using Signalbox.Events.Registrations;

namespace Signalbox.Events.Health;

/// <summary>
/// How deliveries change a registration's status (events behaviour, section 10). The one place that decides it; pure.
/// </summary>
/// <remarks>
/// <code>
///              bad                        bad, 24 h later
///  ACTIVE ─────────────► UNSTABLE ───────────────────────► DISABLED
///    ▲  ▲                   │                                 │
///    │  └───────────────────┘ not bad, 24 h later             │
///    └────────────────────────────────────────────────────────┘ an edit, whose challenge is answered
/// </code>
/// Becoming unstable starts the count anew: what led there lies outside of the window when it is judged again.
/// </remarks>
public static class HealthRules
{
    /// <summary>The status that the registration must take now; null when it keeps its own.</summary>
    /// <param name="registration">As it stands.</param>
    /// <param name="tally">Its attempts within the window, and since <see cref="Registration.MeasuredSince"/>.</param>
    /// <param name="now">The time.</param>
    /// <param name="thresholds">What counts as bad.</param>
    public static WebhookStatus? FindNext(Registration registration, AttemptTally tally, DateTimeOffset now, HealthThresholds thresholds)
    {
        // What is left of the retries of a disabled or deleted registration is counted and changes nothing.
        if (!registration.IsPushing)
        {
            return null;
        }

        return registration.Status switch
        {
            WebhookStatus.Verified when thresholds.IsBad(tally) => WebhookStatus.Unstable,
            WebhookStatus.Unstable when now - registration.MeasuredSince < thresholds.Window => null,
            WebhookStatus.Unstable => thresholds.IsBad(tally) ? WebhookStatus.HookUnreachable : WebhookStatus.Verified,
            _ => null,
        };
    }

    /// <summary>The registration with that status.</summary>
    public static Registration Apply(Registration registration, WebhookStatus next, DateTimeOffset at) => registration with
    {
        Status = next,
        IsEnabled = next != WebhookStatus.HookUnreachable,
        MeasuredSince = next == WebhookStatus.Unstable ? at : registration.MeasuredSince,
        UpdatedAt = at,
    };
}
