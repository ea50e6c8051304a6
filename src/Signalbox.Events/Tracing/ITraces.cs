using Signalbox.Events.Registrations;

namespace Signalbox.Events.Tracing;

/// <summary>
/// The requests that were sent for a registration: those that the debug tracing API shows, which are the last 100
/// successes and the last 100 errors of 7 days. Costs the same however many there were.
/// </summary>
public interface ITraces
{
    Task<TraceListing> ListAsync(Registration registration, TraceQuery query, CancellationToken cancellationToken);

    /// <summary>Null when it is not kept any more.</summary>
    Task<TraceExchange?> FindAsync(Registration registration, long traceKey, CancellationToken cancellationToken);
}
