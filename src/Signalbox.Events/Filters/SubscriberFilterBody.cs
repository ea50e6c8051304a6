namespace Signalbox.Events.Filters;

/// <summary>A filter as sent (section 13.2).</summary>
public sealed record SubscriberFilterBody
{
    /// <summary>Only ever shown; what a client sends here is ignored.</summary>
    public Guid? Id { get; init; }

    public string? Name { get; init; }

    public string? Description { get; init; }

    /// <summary>A text that holds JSON.</summary>
    public string? SubscriberFilter { get; init; }

    public static SubscriberFilterBody Of(SubscriberFilter filter) => new()
    {
        Id = filter.Id,
        Name = filter.Name,
        Description = filter.Description,
        SubscriberFilter = filter.Text,
    };
}
