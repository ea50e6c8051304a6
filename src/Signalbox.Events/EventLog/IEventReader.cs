namespace Signalbox.Events.EventLog;

/// <summary>Reads accepted events back, for retries and recovery.</summary>
public interface IEventReader
{
    /// <summary>The events with these sequences that still exist, in order of sequence. At most 1,000 at a time.</summary>
    Task<IReadOnlyList<AcceptedEvent>> ReadAsync(IReadOnlyCollection<long> sequences, CancellationToken cancellationToken);
}
