namespace Signalbox.Events.Filters;

/// <summary>A row of <c>subscriber_filters</c>.</summary>
internal sealed class FilterRow
{
    public const string SelectAll =
        "SELECT registration_key AS RegistrationKey, filter_id AS FilterId, name AS Name, description AS Description, filter_text AS FilterText FROM subscriber_filters";

    public long RegistrationKey { get; init; }
    public string FilterId { get; init; } = "";
    public string Name { get; init; } = "";
    public string Description { get; init; } = "";
    public string FilterText { get; init; } = "";

    public SubscriberFilter ToFilter() => SubscriberFilter.FromStore(RegistrationKey, FilterId, Name, Description, FilterText);
}
