using Signalbox.Events.Edge;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Replays;

/// <summary>Delivering a registration's events again, for whoever speaks for its user. The rules are those of the REST endpoints.</summary>
public interface IReplays
{
    /// <summary>The last replays, newest first.</summary>
    Task<IReadOnlyList<Replay>> ListAsync(Registration registration, int limit, CancellationToken cancellationToken);

    Task<Outcome<Replay>> StartAsync(Registration registration, ReplayBody body, CancellationToken cancellationToken);

    /// <summary>Stops one. What it owed and was not delivered becomes dead letters.</summary>
    Task<Outcome<Replay>> CancelAsync(Registration registration, string replayId, CancellationToken cancellationToken);
}
