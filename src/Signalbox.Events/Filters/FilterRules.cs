using Signalbox.Events.Edge;
using Signalbox.Events.Registrations;
using Signalbox.Filtering;

namespace Signalbox.Events.Filters;

/// <summary>What a filter may say, and where one may stand (events behaviour, sections 13.1, 13.2 and 13.5).</summary>
internal static class FilterRules
{
    /// <summary>The filter that a valid body asks for; null, with the reasons in <paramref name="checks"/>, otherwise.</summary>
    /// <param name="at">Where the body stands in the request, with a dot at its end; empty when it is the request.</param>
    /// <param name="id">The filter that it replaces, or null for a new one.</param>
    public static SubscriberFilter? Check(FieldChecks checks, string at, SubscriberFilterBody? body, Guid? id, bool needsName = true)
    {
        if (body is null)
        {
            checks.Add(at.TrimEnd('.'), $"'{at.TrimEnd('.')}' is missing. It must be an object with 'name' and 'subscriber_filter'.");
            return null;
        }

        if (needsName || body.Name is not null)
        {
            checks.Required(at + "name", body.Name, 3, 80);
        }

        checks.Optional(at + "description", body.Description, 0, 250);
        var field = at + "subscriber_filter";
        if (body.SubscriberFilter is not { } text)
        {
            checks.Add(field, $$$"""'{{{field}}}' is missing. It must be a string that holds the filter's JSON, such as "{\"data\":{\"colour\":[\"red\"]}}".""");
            return null;
        }

        var parsed = EventFilter.Parse(text);
        if (!parsed.IsValid)
        {
            checks.Add(field, $"'{field}' is not a filter: {parsed.Error}");
            return null;
        }

        return checks.Refusal is null ? new SubscriberFilter(id ?? Guid.NewGuid(), body.Name ?? "", body.Description ?? "", text, parsed.Filter) : null;
    }

    /// <summary>Why a registration of this sort takes no filter, or null when it does.</summary>
    public static string? FindObjection(DeliveryType type) =>
        type == DeliveryType.AwsEventBridge
            ? $"This event registration does not support event filtering: its 'delivery_type' is {RegistrationWords.Of(type)}."
            : null;
}
