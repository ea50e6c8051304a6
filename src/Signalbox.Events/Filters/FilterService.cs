using Signalbox.Events.Edge;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Filters;

/// <summary>
/// Gives registrations their filters. A change works from the first event that is published after it was answered;
/// events match either the filter before or the one after it, never neither.
/// </summary>
internal sealed class FilterService(RegistrationDirectory directory, FilterStore store)
{
    public async Task<Outcome<SubscriberFilter>> AddAsync(Registration registration, SubscriberFilterBody body)
    {
        if (FilterRules.FindObjection(registration.DeliveryType) is { } objection)
        {
            return ApiRefusal.BadRequest(objection);
        }

        var checks = new FieldChecks();
        if (FilterRules.Check(checks, "", body, id: null) is not { } filter)
        {
            return checks.Refusal!;
        }

        Guid? present = null;
        var changed = await ChangeAsync(registration, current =>
        {
            present = current.Filter?.Id;
            return present is null ? current with { Filter = filter } : null;
        });
        return changed is not null ? filter
            : present is not null ? ApiRefusal.BadRequest($"The registration has a filter already, and takes one: {present}. Update that one, or delete it first.")
            : Gone(registration);
    }

    public async Task<Outcome<SubscriberFilter>> ReplaceAsync(Registration registration, Guid id, IfMatch condition, SubscriberFilterBody body)
    {
        var checks = new FieldChecks();
        return FilterRules.Check(checks, "", body, id) is not { } filter ? checks.Refusal!
            : await ChangeAsync(registration, id, condition, filter) is { } objection ? objection
            : filter;
    }

    public Task<ApiRefusal?> RemoveAsync(Registration registration, Guid id, IfMatch condition) =>
        ChangeAsync(registration, id, condition, null);

    private async Task<ApiRefusal?> ChangeAsync(Registration registration, Guid id, IfMatch condition, SubscriberFilter? next)
    {
        ApiRefusal? overtaken = null;
        var changed = await ChangeAsync(registration, current =>
        {
            overtaken = current.Filter?.Id == id ? condition.FindObjection(current.Filter.Tag, $"The filter {id}") : null;
            return current.Filter?.Id == id && overtaken is null ? current with { Filter = next } : null;
        });
        return changed is not null ? null : overtaken ?? Unknown(id.ToString());
    }

    public static ApiRefusal Unknown(string id) => ApiRefusal.NotFound($"The registration has no filter '{FieldChecks.Shown(id)}'. GET its 'filters' to see which it has.");

    /// <summary>The time of the registration's last edit stays: a settling that is under way is not to think itself overtaken.</summary>
    private Task<Registration?> ChangeAsync(Registration registration, Func<Registration, Registration?> change) =>
        directory.ChangeAsync(
            async index =>
            {
                if (index.Find(registration.Id) is not { } current || change(current) is not { } next)
                {
                    return null;
                }

                await store.SaveAsync(next.Key, next.Filter);
                return next;
            },
            CancellationToken.None);

    private static ApiRefusal Gone(Registration registration) => ApiRefusal.NotFound($"The registration {registration.Id} was deleted meanwhile.");
}
