using Signalbox.Identity;

namespace Signalbox.Events.Challenges;

/// <summary>
/// Counts the challenges that an organization has had sent to a host and port, in windows of fixed length, so that creating
/// and editing registrations floods no endpoint.
/// </summary>
internal sealed class ChallengePace(EventsOptions options, TimeProvider clock)
{
    /// <summary>The window of <see cref="EventsOptions.ChallengesPerTargetMax"/>.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <summary>Targets that are counted on their own within a window; what an organization has beyond them is counted together.</summary>
    private const int TargetsMax = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<Target, int> _counts = [];
    private long? _startedAt;

    /// <summary>Counts one challenge.</summary>
    /// <returns>0 when it may be sent, else the seconds until the next one may.</returns>
    public int SecondsToWait(OrganizationId organization, Uri url)
    {
        var target = new Target(organization, url.IdnHost.TrimEnd('.'), url.Port);
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            if (_startedAt is not { } startedAt || clock.GetElapsedTime(startedAt, now) >= Window)
            {
                _counts.Clear();
                _startedAt = startedAt = now;
            }

            if (_counts.Count >= TargetsMax && !_counts.ContainsKey(target))
            {
                target = new Target(organization, "", 0);
            }

            var count = _counts.GetValueOrDefault(target);
            if (count < options.ChallengesPerTargetMax)
            {
                _counts[target] = count + 1;
                return 0;
            }

            return Math.Max(1, (int)Math.Ceiling((Window - clock.GetElapsedTime(startedAt, now)).TotalSeconds));
        }
    }

    private readonly record struct Target(OrganizationId Organization, string Host, int Port);
}
