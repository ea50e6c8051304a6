using Signalbox.Events.Edge;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Filters;

/// <inheritdoc cref="IFilters" />
internal sealed class RegistrationFilters(FilterService service, FilterValidation validation) : IFilters
{
    public string? FindObjection(Registration registration) => FilterRules.FindObjection(registration.DeliveryType);

    public Task<Outcome<FilterVerdict>> TryAsync(Registration registration, FilterValidationBody body, CancellationToken cancellationToken) =>
        validation.TryAsync(registration, body, cancellationToken);

    public Task<Outcome<SubscriberFilter>> SaveAsync(Registration registration, SubscriberFilterBody body) =>
        registration.Filter is { } present ? service.ReplaceAsync(registration, present.Id, IfMatch.Exactly(present.Tag), body) : service.AddAsync(registration, body);

    public async Task<Outcome<SubscriberFilter>> RemoveAsync(Registration registration) =>
        registration.Filter is not { } present ? ApiRefusal.NotFound("The registration has no filter.")
        : await service.RemoveAsync(registration, present.Id, IfMatch.Exactly(present.Tag)) is { } objection ? objection
        : present;
}
