using Signalbox.Events.EventLog;
using Signalbox.Events.Registrations;
using Signalbox.Identity;

namespace Signalbox.Events.Stories;

/// <summary>
/// Finds the registrations that have an interest in an event and did not get it. What a filter drops leaves no trace
/// (events behaviour, section 13.1), so it is judged by the filters as they are now. Pure.
/// </summary>
internal static class PassedOver
{
    /// <summary>Registrations that a story names; of more it says how many.</summary>
    public const int ToldMax = 20;

    /// <summary>Those of an organization, oldest first.</summary>
    /// <param name="accepted">The event.</param>
    /// <param name="audience">Who has an interest in it now, filters aside; null when nobody has.</param>
    /// <param name="matched">Who got it.</param>
    /// <param name="organization">Whose registrations may be told.</param>
    public static IReadOnlyList<PassedOverStory> Find(
        AcceptedEvent accepted, Audience? audience, IReadOnlyList<Registration> matched, OrganizationId organization)
    {
        if (audience is null)
        {
            return [];
        }

        var got = matched.Select(r => r.Key).ToHashSet();
        var fits = audience.Of(accepted.Payload.Span).All.Select(r => r.Key).ToHashSet();
        var mayBeSample = matched.Count == 1;
        return
        [
            .. audience.All
                .Where(r => r.OrganizationId == organization && r.CreatedAt <= accepted.ReceivedAt && !got.Contains(r.Key))
                .Select(r => Tell(r, fits.Contains(r.Key), isChanged: r.UpdatedAt > accepted.ReceivedAt, mayBeSample)),
        ];
    }

    /// <summary>A filter that was changed by itself has left no time.</summary>
    private static PassedOverStory Tell(Registration registration, bool fits, bool isChanged, bool mayBeSample)
    {
        var (reason, why) =
            !fits ? ("filter", isChanged ? "its filter, as it is now, does not match" : "its filter does not match")
            : isChanged || !mayBeSample ? ("changed", "it was changed since, and would get it now")
            : ("sample", "the event was a sample for another registration, or its filter was changed since");
        return new PassedOverStory
        {
            RegistrationId = registration.Id.ToString(),
            WorkspaceId = registration.WorkspaceId.Value,
            Name = registration.Name,
            Reason = reason,
            Why = why,
        };
    }
}
