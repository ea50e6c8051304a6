using Signalbox.Events.Edge;
using Signalbox.Filtering;

namespace Signalbox.Events.Filters;

/// <summary>Which events of interest a registration wants after all (events behaviour, section 13).</summary>
/// <param name="Text">As its author wrote it.</param>
/// <param name="Compiled">The same, ready to be matched.</param>
public sealed record SubscriberFilter(Guid Id, string Name, string Description, string Text, EventFilter Compiled)
{
    /// <summary>Its <c>ETag</c>.</summary>
    internal string Tag => EntityTag.Of(SubscriberFilterBody.Of(this), EventsJson.Default.SubscriberFilterBody);

    /// <summary>From the database, where only filters are that were checked when they came.</summary>
    /// <exception cref="InvalidOperationException">This version does not understand a filter that another one stored.</exception>
    public static SubscriberFilter FromStore(long registrationKey, string id, string name, string description, string text)
    {
        var parsed = EventFilter.Parse(text);
        return parsed.IsValid
            ? new SubscriberFilter(Guid.Parse(id), name, description, text, parsed.Filter)
            : throw new InvalidOperationException($"The stored filter {id} of registration {registrationKey} is none that this version understands: {parsed.Error}");
    }
}
