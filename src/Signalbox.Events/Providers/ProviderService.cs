using Signalbox.Events.Edge;
using Signalbox.Identity;

namespace Signalbox.Events.Providers;

/// <summary>The rules of providers and their event types (events behaviour, sections 3 and 4).</summary>
internal sealed class ProviderService(ProviderDirectory directory, ProviderStore store, EventsOptions options, TimeProvider clock)
{
    /// <summary>A provider that the caller may see: 404 when unknown, 403 when it is another organization's.</summary>
    public async ValueTask<Outcome<Provider>> FindAsync(string providerId, OrganizationId organization, CancellationToken cancellationToken)
    {
        var provider = await directory.FindAsync(providerId, cancellationToken);
        return provider is null ? Unknown(providerId)
            : provider.OrganizationId != organization
                ? ApiRefusal.Forbidden($"Provider {provider.Id} belongs to another organization.")
                : provider;
    }

    /// <summary>A provider that may be changed below this workspace's path.</summary>
    public async ValueTask<Outcome<Provider>> FindOwnAsync(string providerId, Workspace workspace, CancellationToken cancellationToken)
    {
        if ((await FindAsync(providerId, workspace.OrganizationId, cancellationToken)).IsRefused(out var refusal, out var provider))
        {
            return refusal;
        }

        return provider.WorkspaceId == workspace.WorkspaceId && provider.ProjectId == workspace.ProjectId
            ? provider
            : ApiRefusal.Forbidden($"Provider {provider.Id} belongs to workspace {provider.WorkspaceId} of project {provider.ProjectId}. Change it there.");
    }

    public async Task<Outcome<Provider>> CreateAsync(Workspace workspace, CreateProviderBody body, CancellationToken cancellationToken)
    {
        if (ProviderRules.Check(body) is { } refusal)
        {
            return refusal;
        }

        var family = body.ProviderMetadata ?? ProviderFamily.CustomEvents;
        var id = Guid.NewGuid();
        var instance = body.InstanceId is { Length: > 0 } given ? given : Guid.NewGuid().ToString();
        var now = clock.GetUtcNow();
        var provider = new Provider
        {
            Id = id.ToString(),
            OrganizationId = workspace.OrganizationId,
            ProjectId = workspace.ProjectId,
            WorkspaceId = workspace.WorkspaceId,
            ProviderMetadata = family,
            InstanceId = instance,
            Name = $"{family}_{workspace.ImsOrgId}_{instance}",
            Label = body.Label!,
            Description = body.Description is { Length: > 0 } description ? description : ProviderFamily.Find(family)!.Description,
            DocsUrl = body.DocsUrl is { Length: > 0 } ? body.DocsUrl : null,
            Publisher = workspace.ImsOrgId,
            DataResidencyRegion = body.DataResidencyRegion?.ToUpperInvariant() ?? "VA6",
            CreatedAt = now,
            UpdatedAt = now,
            Events = [],
        };

        (string? ConflictingId, bool QuotaReached) outcome = default;
        await directory.ChangeAsync(
            id,
            async _ =>
            {
                outcome = await store.InsertAsync(provider, options.ProvidersPerOrganizationMax);
                return outcome is (null, false) ? provider : null;
            },
            cancellationToken);
        return outcome switch
        {
            (string existing, _) => ApiRefusal.Conflict(
                $"A provider with provider_metadata '{family}' and instance_id '{instance}' already exists: {existing}. Update it, or choose another instance_id.", existing),
            (_, true) => ApiRefusal.Conflict(
                $"The organization has {options.ProvidersPerOrganizationMax} providers, which is the most. Delete one, or have the operator raise Events:ProvidersPerOrganizationMax."),
            _ => provider,
        };
    }

    /// <summary>
    /// Changes a provider to what is asked of its state at that moment, so that no other change is lost. The flag says
    /// whether anything changed.
    /// </summary>
    public async Task<Outcome<(Provider Provider, bool Changed)>> UpdateAsync(
        Provider provider, IfMatch condition, Func<UpdateProviderBody, Outcome<UpdateProviderBody>> ask, CancellationToken cancellationToken)
    {
        var changed = false;
        ApiRefusal? refusal = null;
        var after = await directory.ChangeAsync(
            Guid.Parse(provider.Id),
            async current =>
            {
                if (current is null)
                {
                    return null;
                }

                refusal = condition.FindObjection(current.Tag, $"Provider {current.Id}");
                if (refusal is not null
                    || ask(UpdateProviderBody.Of(current)).IsRefused(out refusal, out var body)
                    || (refusal = ProviderRules.Check(body)) is not null)
                {
                    return current;
                }

                var next = current with
                {
                    Label = body.Label!,
                    Description = body.Description is { Length: > 0 } description ? description : ProviderFamily.Find(current.ProviderMetadata)!.Description,
                    DocsUrl = body.DocsUrl is { Length: > 0 } ? body.DocsUrl : null,
                };
                changed = next != current;
                if (changed)
                {
                    next = next with { UpdatedAt = clock.GetUtcNow() };
                    await store.UpdateAsync(next);
                }

                return next;
            },
            cancellationToken);
        return after is null ? Unknown(provider.Id) : refusal is not null ? refusal : (after, changed);
    }

    /// <summary>Deletes a provider with its event types. Registrations keep their interest, which never matches again.</summary>
    public async Task<ApiRefusal?> DeleteAsync(Provider provider, IfMatch condition, CancellationToken cancellationToken)
    {
        ApiRefusal? refusal = null;
        await directory.ChangeAsync(
            Guid.Parse(provider.Id),
            async current =>
            {
                refusal = current is null ? Unknown(provider.Id) : condition.FindObjection(current.Tag, $"Provider {current.Id}");
                if (refusal is not null)
                {
                    return current;
                }

                await store.DeleteAsync(provider.Id);
                return null;
            },
            cancellationToken);
        return refusal;
    }

    public async Task<Outcome<EventMetadata>> CreateEventAsync(Provider provider, EventMetadataBody body, CancellationToken cancellationToken)
    {
        if (ProviderRules.Check(body) is { } refusal)
        {
            return refusal;
        }

        return await ChangeEventAsync(
            provider,
            current => current.FindEvent(body.EventCode!) is not null
                ? ApiRefusal.Conflict($"Provider {provider.Id} already has the event code '{body.EventCode}'. Update it, or choose another code.", body.EventCode)
                : current.Events.Length >= options.EventMetadataPerProviderMax
                    ? ApiRefusal.Conflict($"Provider {provider.Id} has {options.EventMetadataPerProviderMax} event codes, which is the most. Delete one, or use a second provider.")
                    : ProviderRules.ToEvent(body),
            cancellationToken);
    }

    /// <summary>Changes an event type to what is asked of its state at that moment. The flag says whether anything changed.</summary>
    public async Task<Outcome<(EventMetadata Metadata, bool Changed)>> UpdateEventAsync(
        Provider provider, string eventCode, IfMatch condition, Func<EventMetadataBody, Outcome<EventMetadataBody>> ask, CancellationToken cancellationToken)
    {
        EventMetadata? before = null;
        var outcome = await ChangeEventAsync(
            provider,
            current =>
            {
                before = current.FindEvent(eventCode);
                if (before is null)
                {
                    return UnknownEvent(provider, eventCode);
                }

                if (condition.FindObjection(before.Tag, Named(before)) is { } objection)
                {
                    return objection;
                }

                if (ask(EventMetadataBody.Of(before)).IsRefused(out var refusal, out var body) || (refusal = ProviderRules.Check(body)) is not null)
                {
                    return refusal;
                }

                return body.EventCode == eventCode
                    ? ProviderRules.ToEvent(body)
                    : ApiRefusal.BadField(
                        "event_code", $"'event_code' is '{body.EventCode}', but the URL names '{FieldChecks.Shown(eventCode)}'. An event code cannot be changed: create another one.");
            },
            cancellationToken);
        return outcome.IsRefused(out var refused, out var after) ? refused : (after, after != before);
    }

    /// <summary>Deletes one event type.</summary>
    public async Task<ApiRefusal?> DeleteEventAsync(Provider provider, string eventCode, IfMatch condition, CancellationToken cancellationToken)
    {
        ApiRefusal? refusal = null;
        await directory.ChangeAsync(
            Guid.Parse(provider.Id),
            async current =>
            {
                var metadata = current?.FindEvent(eventCode);
                refusal = metadata is null ? UnknownEvent(provider, eventCode) : condition.FindObjection(metadata.Tag, Named(metadata));
                if (refusal is not null)
                {
                    return current;
                }

                await store.DeleteEventsAsync(provider.Id, eventCode);
                return current! with { Events = current.Events.Remove(metadata!) };
            },
            cancellationToken);
        return refusal;
    }

    /// <summary>Deletes all event types of a provider.</summary>
    public Task DeleteEventsAsync(Provider provider, CancellationToken cancellationToken) =>
        directory.ChangeAsync(
            Guid.Parse(provider.Id),
            async current =>
            {
                await store.DeleteEventsAsync(provider.Id, null);
                return current is null ? null : current with { Events = [] };
            },
            cancellationToken);

    private static string Named(EventMetadata metadata) => $"The event metadata '{metadata.EventCode}'";

    public static ApiRefusal UnknownEvent(Provider provider, string eventCode) =>
        ApiRefusal.NotFound($"Provider {provider.Id} has no event code '{FieldChecks.Shown(eventCode)}'. GET /events/providers/{provider.Id}/eventmetadata lists them.");

    private static ApiRefusal Unknown(string providerId) =>
        ApiRefusal.NotFound($"There is no provider '{FieldChecks.Shown(providerId)}'. GET /events/<organization>/providers lists them.");

    private async Task<Outcome<EventMetadata>> ChangeEventAsync(
        Provider provider, Func<Provider, Outcome<EventMetadata>> decide, CancellationToken cancellationToken)
    {
        Outcome<EventMetadata> outcome = Unknown(provider.Id);
        await directory.ChangeAsync(
            Guid.Parse(provider.Id),
            async current =>
            {
                if (current is null || (outcome = decide(current)).IsRefused(out _, out var metadata))
                {
                    return current;
                }

                var position = current.Events.ToList().FindIndex(e => e.EventCode == metadata.EventCode);
                if (position >= 0 && current.Events[position] == metadata)
                {
                    return current;
                }

                await store.SaveEventAsync(provider.Id, metadata, clock.GetUtcNow());
                return current with { Events = position < 0 ? current.Events.Add(metadata) : current.Events.SetItem(position, metadata) };
            },
            cancellationToken);
        return outcome;
    }
}
