using Signalbox.Events.Delivery;
using Signalbox.Events.Edge;
using Signalbox.Events.Egress;
using Signalbox.Events.EventBridge;
using Signalbox.Events.Filters;
using Signalbox.Events.Providers;
using Signalbox.Identity;

namespace Signalbox.Events.Registrations;

/// <summary>What a request may say about a registration (events behaviour, section 5.2).</summary>
internal sealed class RegistrationRules(
    ProviderDirectory providers, TargetCheck targets, IRuntimeHandlers handlers, EventsOptions options)
{
    private const int RatePerSecondMax = 10_000;

    /// <summary>About what the system waits for a name server.</summary>
    private const int RetryAfterSeconds = 10;

    /// <summary>The settings that a valid body asks for.</summary>
    /// <param name="before">The registration that it edits; null when it makes a new one.</param>
    public async Task<Outcome<RegistrationSettings>> CheckAsync(
        Workspace workspace, Registration? before, RegistrationBody body, CancellationToken cancellationToken)
    {
        var checks = new FieldChecks();
        // Spaces around a URL come along when it is copied; they are no part of it.
        var webhookUrl = string.IsNullOrWhiteSpace(body.WebhookUrl) ? null : body.WebhookUrl.Trim();
        checks.Required("name", body.Name, 3, 255);
        checks.OneLine("name", body.Name);
        checks.Optional("description", body.Description, 0, 5_000);
        checks.Optional("webhook_url", webhookUrl, 0, 4_000);
        checks.OneLine("webhook_url", webhookUrl);
        checks.Optional("runtime_action", body.RuntimeAction, 0, 255);
        CheckPace(checks, body);
        var action = string.IsNullOrEmpty(body.RuntimeAction) ? null : body.RuntimeAction;
        var type = CheckDelivery(checks, body.DeliveryType, webhookUrl, action);
        var destination = DestinationRules.Check(checks, type, body);
        if (type is DeliveryType.Webhook or DeliveryType.WebhookBatch or null)
        {
            CheckTarget(checks, webhookUrl);
        }

        var interests = await CheckInterestsAsync(checks, workspace.OrganizationId, body.EventsOfInterest, cancellationToken);
        var filter = CheckFilter(checks, body.SubscriberFilters, before?.Filter, type);
        if (checks.Refusal is { } refusal)
        {
            return refusal;
        }

        if (action is not null && await handlers.FindObjectionAsync(workspace.WorkspaceId, action, cancellationToken) is { } objection)
        {
            return ApiRefusal.BadField("runtime_action", objection);
        }

        // Last, because a name server may take its time: nobody waits for it with a request that is refused anyway.
        if (webhookUrl is not null && await FindTargetRefusalAsync(webhookUrl, cancellationToken) is { } targetRefusal)
        {
            return targetRefusal;
        }

        return new RegistrationSettings
        {
            Name = body.Name!,
            Description = body.Description ?? "",
            DeliveryType = type!.Value,
            WebhookUrl = webhookUrl is null ? null : new Uri(webhookUrl),
            RuntimeAction = action,
            Destination = destination,
            IsEnabled = body.Enabled ?? true,
            DeliveryRatePerSecond = body.DeliveryRatePerSecond,
            IsOrdered = body.OrderedDelivery ?? false,
            Interests = interests,
            SetsFilter = body.SubscriberFilters is not null,
            Filter = filter,
        };
    }

    private static SubscriberFilter? CheckFilter(
        FieldChecks checks, IReadOnlyList<SubscriberFilterBody?>? bodies, SubscriberFilter? before, DeliveryType? type)
    {
        if (bodies is { Count: > 1 })
        {
            checks.Add("subscriber_filters", $"'subscriber_filters' has {bodies.Count} filters. A registration takes one; combine them with $or.");
            return null;
        }

        var filter = bodies switch
        {
            null => before,
            [var body] => FilterRules.Check(checks, "subscriber_filters[0].", body, before?.Id),
            _ => null,
        };
        if (filter is not null && type is { } known && FilterRules.FindObjection(known) is { } objection)
        {
            checks.Add("subscriber_filters", objection);
        }

        return filter;
    }

    private static void CheckPace(FieldChecks checks, RegistrationBody body)
    {
        var isJournal = RegistrationWords.ToDeliveryType(body.DeliveryType) == DeliveryType.Journal;
        if (body.DeliveryRatePerSecond is { } rate && (rate is < 1 or > RatePerSecondMax || isJournal))
        {
            checks.Add("delivery_rate_per_second", isJournal
                ? "'delivery_rate_per_second' does not go with 'delivery_type' journal: nothing is pushed. Remove it."
                : $"'delivery_rate_per_second' is {rate}. It must be from 1 to {RatePerSecondMax}; leave it out for no limit.");
        }

        if (body.OrderedDelivery == true && isJournal)
        {
            checks.Add("ordered_delivery", "'ordered_delivery' does not go with 'delivery_type' journal: a journal always has an order. Remove it.");
        }
    }

    private DeliveryType? CheckDelivery(FieldChecks checks, string? word, string? webhookUrl, string? action)
    {
        var type = RegistrationWords.ToDeliveryType(word);
        switch (type)
        {
            case null:
                checks.Add("delivery_type", word is null
                    ? "'delivery_type' is missing. It must be webhook, webhook_batch, journal or aws_eventbridge."
                    : $"'delivery_type' is '{FieldChecks.Shown(word)}'. It must be webhook, webhook_batch, journal or aws_eventbridge.");
                break;
            case DeliveryType.Journal when webhookUrl is not null:
                checks.Add("webhook_url", "'webhook_url' does not go with 'delivery_type' journal. Remove it, or use webhook.");
                break;
            case DeliveryType.Journal when action is not null:
                checks.Add("runtime_action", "'runtime_action' does not go with 'delivery_type' journal. Remove it, or use webhook.");
                break;
            case DeliveryType.Webhook or DeliveryType.WebhookBatch when webhookUrl is null && action is null:
                checks.Add("webhook_url", $"'delivery_type' {RegistrationWords.Of(type.Value)} needs 'webhook_url' or 'runtime_action'. Give one of them.");
                break;
            case DeliveryType.Webhook or DeliveryType.WebhookBatch when webhookUrl is not null && action is not null:
                checks.Add("runtime_action", "'webhook_url' and 'runtime_action' must not both be given. Remove one.");
                break;
        }

        return type;
    }

    private void CheckTarget(FieldChecks checks, string? webhookUrl)
    {
        if (webhookUrl is not { Length: <= 4_000 })
        {
            return;
        }

        if (!Uri.TryCreate(webhookUrl, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http"))
        {
            checks.Add("webhook_url", $"'webhook_url' is '{FieldChecks.Shown(webhookUrl)}', which is not an absolute https URL.");
        }
        else if (targets.FindObjection(webhookUrl) is { } objection)
        {
            checks.Add("webhook_url", objection);
        }
    }

    private async Task<ApiRefusal?> FindTargetRefusalAsync(string webhookUrl, CancellationToken cancellationToken)
    {
        try
        {
            return await targets.FindObjectionAsync(webhookUrl, cancellationToken) is { } objection ? ApiRefusal.BadField("webhook_url", objection) : null;
        }
        catch (NoLookupPlaceException)
        {
            return ApiRefusal.Unavailable(
                "The host of 'webhook_url' cannot be looked up now: this server is busy with the names of other registrations. Nothing was changed. Send the request again.",
                RetryAfterSeconds);
        }
    }

    private async Task<IReadOnlyList<Interest>> CheckInterestsAsync(
        FieldChecks checks, OrganizationId organization, IReadOnlyList<InterestBody?>? bodies, CancellationToken cancellationToken)
    {
        if (bodies is not { Count: > 0 } || bodies.Count > options.InterestsPerRegistrationMax)
        {
            checks.Add("events_of_interest", $"'events_of_interest' must be an array of 1 to {options.InterestsPerRegistrationMax} items.");
            return [];
        }

        var interests = new List<Interest>(bodies.Count);
        var seen = new HashSet<Interest>();
        for (var i = 0; i < bodies.Count; i++)
        {
            var field = $"events_of_interest[{i}]";
            if (bodies[i] is not { } body)
            {
                checks.Add(field, $"'{field}' is null. It must be an object with 'provider_id' and 'event_code'.");
                continue;
            }

            checks.Required(field + ".event_code", body.EventCode, 1, 255);
            if (body.EventCode is not { Length: >= 1 and <= 255 } code
                || await FindProviderAsync(checks, field, organization, body, cancellationToken) is not { } provider)
            {
                continue;
            }

            if (provider.FindEvent(code) is null)
            {
                checks.Add(field + ".event_code", $"Provider {provider.Id} has no event code '{FieldChecks.Shown(code)}'. Create its event metadata first.");
            }
            else if (!seen.Add(new Interest(provider.Id, code)))
            {
                checks.Add(field, $"'{field}' names event code '{code}' of provider {provider.Id} a second time. Remove it.");
            }
            else
            {
                interests.Add(new Interest(provider.Id, code));
            }
        }

        return interests;
    }

    private async Task<Provider?> FindProviderAsync(
        FieldChecks checks, string field, OrganizationId organization, InterestBody body, CancellationToken cancellationToken)
    {
        var given = string.IsNullOrEmpty(body.ProviderId) ? body.Provider : body.ProviderId;
        var member = string.IsNullOrEmpty(body.ProviderId) && body.Provider is not null ? ".provider" : ".provider_id";
        if (string.IsNullOrEmpty(given))
        {
            checks.Add(field + member, $"'{field}{member}' is missing. Give the id of the event's provider.");
            return null;
        }

        var provider = member == ".provider_id"
            ? await providers.FindAsync(given, cancellationToken)
            : (await providers.ListAsync(organization, cancellationToken)).FirstOrDefault(p => p.Name == given);
        if (provider is null || provider.OrganizationId != organization)
        {
            // Another organization's provider is told like an unknown one.
            checks.Add(field + member, $"'{field}{member}' is '{FieldChecks.Shown(given)}', which is no provider of your organization.");
            return null;
        }

        return provider;
    }
}

/// <summary>What a valid request asks for.</summary>
internal sealed record RegistrationSettings
{
    public required string Name { get; init; }

    public required string Description { get; init; }

    public required DeliveryType DeliveryType { get; init; }

    public Uri? WebhookUrl { get; init; }

    public string? RuntimeAction { get; init; }

    public EventBridgeDestination? Destination { get; init; }

    public required bool IsEnabled { get; init; }

    public int? DeliveryRatePerSecond { get; init; }

    public bool IsOrdered { get; init; }

    public required IReadOnlyList<Interest> Interests { get; init; }

    /// <summary>False: the filter that there is stays.</summary>
    public required bool SetsFilter { get; init; }

    /// <summary>The filter, or none.</summary>
    public SubscriberFilter? Filter { get; init; }
}
