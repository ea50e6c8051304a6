using Signalbox.Events.EventLog;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Delivery;

/// <summary>Takes deliveries that have just been committed straight to the dispatcher, without reading them back.</summary>
public interface IDeliveryQueue
{
    /// <summary>
    /// Offers an event's deliveries, whose rows in <c>deliveries</c> are committed with <c>next_attempt_at</c> now. Never blocks: what finds no
    /// place in memory is found in the table later.
    /// </summary>
    void Offer(AcceptedEvent accepted, IReadOnlyList<Registration> recipients);
}
