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

    /// <summary>Changes a provider. The flag says whether anything changed.</summary>
    public async Task<Outcome<(Provider Provider, bool Changed)>> UpdateAsync(Provider provider, UpdateProviderBody body, CancellationToken cancellationToken)
    {
        if (ProviderRules.Check(body) is { } refusal)
        {
            return refusal;
        }

        var changed = false;
        var after = await directory.ChangeAsync(
            Guid.Parse(provider.Id),
            async current =>
            {
                if (current is null)
                {
                    return null;
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
        return after is null ? Unknown(provider.Id) : (after, changed);
    }

    /// <summary>Deletes a provider with its event types. Registrations keep their interest, which never matches again.</summary>
    public Task DeleteAsync(Provider provider, CancellationToken cancellationToken) =>
        directory.ChangeAsync(
            Guid.Parse(provider.Id),
            async _ =>
            {
                await store.DeleteAsync(provider.Id);
                return null;
            },
            cancellationToken);

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

    public async Task<Outcome<EventMetadata>> UpdateEventAsync(Provider provider, string eventCode, EventMetadataBody body, CancellationToken cancellationToken)
    {
        if (ProviderRules.Check(body) is { } refusal)
        {
            return refusal;
        }

        if (body.EventCode != eventCode)
        {
            return ApiRefusal.BadField(
                "event_code", $"'event_code' is '{body.EventCode}', but the URL names '{FieldChecks.Shown(eventCode)}'. An event code cannot be changed: create another one.");
        }

        return await ChangeEventAsync(
            provider,
            current => current.FindEvent(eventCode) is null ? UnknownEvent(provider, eventCode) : ProviderRules.ToEvent(body),
            cancellationToken);
    }

    /// <summary>Deletes one event type, or all when <paramref name="eventCode"/> is null.</summary>
    public async Task<ApiRefusal?> DeleteEventsAsync(Provider provider, string? eventCode, CancellationToken cancellationToken)
    {
        if (eventCode is not null && provider.FindEvent(eventCode) is null)
        {
            return UnknownEvent(provider, eventCode);
        }

        await directory.ChangeAsync(
            Guid.Parse(provider.Id),
            async current =>
            {
                await store.DeleteEventsAsync(provider.Id, eventCode);
                return current is null ? null : current with { Events = eventCode is null ? [] : current.Events.RemoveAll(e => e.EventCode == eventCode) };
            },
            cancellationToken);
        return null;
    }

    public static ApiRefusal UnknownEvent(Provider provider, string eventCode) =>
        ApiRefusal.NotFound($"Provider {provider.Id} has no event code '{FieldChecks.Shown(eventCode)}'.");

    private static ApiRefusal Unknown(string providerId) =>
        ApiRefusal.NotFound($"There is no provider '{FieldChecks.Shown(providerId)}'.");

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

                await store.SaveEventAsync(provider.Id, metadata, clock.GetUtcNow());
                var position = current.Events.ToList().FindIndex(e => e.EventCode == metadata.EventCode);
                return current with { Events = position < 0 ? current.Events.Add(metadata) : current.Events.SetItem(position, metadata) };
            },
            cancellationToken);
        return outcome;
    }
}
