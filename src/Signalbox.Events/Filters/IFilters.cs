using Signalbox.Events.Edge;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Filters;

/// <summary>
/// The filter of a registration, for whoever speaks for its user. The rules are those of the REST endpoints. A change is refused
/// when the filter is not any more what the given registration had.
/// </summary>
public interface IFilters
{
    /// <summary>Why this registration takes no filter; null when it does.</summary>
    string? FindObjection(Registration registration);

    /// <summary>Shows what a filter would do, before it does.</summary>
    Task<Outcome<FilterVerdict>> TryAsync(Registration registration, FilterValidationBody body, CancellationToken cancellationToken);

    /// <summary>Gives the registration this filter, in the place of the one that it may have.</summary>
    Task<Outcome<SubscriberFilter>> SaveAsync(Registration registration, SubscriberFilterBody body);

    /// <summary>Takes its filter away. The filter that went, or why it did not.</summary>
    Task<Outcome<SubscriberFilter>> RemoveAsync(Registration registration);
}
