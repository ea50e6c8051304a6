using Signalbox.Events.Edge;

namespace Signalbox.Events.Registrations;

/// <summary>Sends samples to one registration, for whoever speaks for its user.</summary>
public interface ISampleEvents
{
    /// <summary>
    /// Sends the sample of an event of interest to this registration and to no other. From its commit on it is an event
    /// like any other.
    /// </summary>
    Task<Outcome<PostedSample>> SendAsync(Registration registration, Interest interest, CancellationToken cancellationToken);
}

/// <summary>What became of a sample.</summary>
/// <param name="EventId">The service's id of it; null when the registration's filter kept it back.</param>
/// <param name="Message">The same for people.</param>
public sealed record PostedSample(Guid? EventId, string Message);
