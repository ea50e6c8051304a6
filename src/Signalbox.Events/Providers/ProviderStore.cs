using Dapper;
using Signalbox.Identity;
using Signalbox.Storage;

namespace Signalbox.Events.Providers;

/// <summary>The tables <c>providers</c> and <c>event_metadata</c>.</summary>
internal sealed class ProviderStore(Database database)
{
    private const string EventColumns =
        "provider_id AS ProviderId, event_code AS EventCode, label AS Label, description AS Description, sample_event_template AS SampleEventTemplate";

    public async Task<IReadOnlyCollection<Provider>> LoadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var events = (await connection.QueryAsync<EventRow>(new CommandDefinition(
            $"SELECT {EventColumns} FROM event_metadata ORDER BY provider_id, created_at, event_code",
            cancellationToken: cancellationToken))).ToLookup(e => e.ProviderId);
        var providers = await connection.QueryAsync<ProviderRow>(new CommandDefinition(
            """
            SELECT id AS Id, organization_id AS OrganizationId, project_id AS ProjectId, workspace_id AS WorkspaceId,
              provider_metadata AS ProviderMetadata, instance_id AS InstanceId, name AS Name, label AS Label,
              description AS Description, docs_url AS DocsUrl, publisher AS Publisher,
              data_residency_region AS DataResidencyRegion, created_at AS CreatedAt, updated_at AS UpdatedAt
            FROM providers
            """,
            cancellationToken: cancellationToken));
        return [.. providers.Select(p => p.ToProvider(events[p.Id]))];
    }

    /// <summary>Adds a provider. Answers the id that stands in the way, or null; and whether the quota is used up.</summary>
    public Task<(string? ConflictingId, bool QuotaReached)> InsertAsync(Provider provider, int organizationMax) =>
        database.WriteAsync(session =>
        {
            // One insert at a time on every node, so that the count below holds.
            session.Execute("UPDATE counters SET value = value WHERE name = 'registration_key'");
            var key = new { Organization = provider.OrganizationId.Value, provider.ProviderMetadata, provider.InstanceId };
            var existing = session.QuerySingleOrDefault<string>(
                "SELECT id FROM providers WHERE organization_id = @Organization AND provider_metadata = @ProviderMetadata AND instance_id = @InstanceId",
                key);
            if (existing is not null)
            {
                return ((string?)existing, false);
            }

            var count = session.QuerySingleOrDefault<long>("SELECT COUNT(*) FROM providers WHERE organization_id = @Organization", key);
            if (count >= organizationMax)
            {
                return (null, true);
            }

            session.Execute(
                """
                INSERT INTO providers (id, organization_id, project_id, workspace_id, provider_metadata, instance_id, name,
                  label, description, docs_url, publisher, data_residency_region, created_at, updated_at)
                VALUES (@Id, @OrganizationId, @ProjectId, @WorkspaceId, @ProviderMetadata, @InstanceId, @Name,
                  @Label, @Description, @DocsUrl, @Publisher, @DataResidencyRegion, @CreatedAt, @UpdatedAt)
                """,
                ProviderRow.Of(provider));
            return (null, false);
        });

    public Task UpdateAsync(Provider provider) =>
        database.WriteAsync(session => session.Execute(
            "UPDATE providers SET label = @Label, description = @Description, docs_url = @DocsUrl, updated_at = @UpdatedAt WHERE id = @Id",
            ProviderRow.Of(provider)));

    public Task DeleteAsync(string providerId) =>
        database.WriteAsync(session =>
        {
            session.Execute("DELETE FROM event_metadata WHERE provider_id = @providerId", new { providerId });
            session.Execute("DELETE FROM providers WHERE id = @providerId", new { providerId });
        });

    /// <summary>Adds or replaces an event type.</summary>
    public Task SaveEventAsync(string providerId, EventMetadata metadata, DateTimeOffset now) =>
        database.WriteAsync(session => session.Execute(
            """
            INSERT INTO event_metadata (provider_id, event_code, label, description, sample_event_template, created_at, updated_at)
            VALUES (@providerId, @EventCode, @Label, @Description, @SampleEventTemplate, @Now, @Now)
            ON CONFLICT (provider_id, event_code) DO UPDATE SET
              label = excluded.label, description = excluded.description,
              sample_event_template = excluded.sample_event_template, updated_at = excluded.updated_at
            """,
            new { providerId, metadata.EventCode, metadata.Label, metadata.Description, metadata.SampleEventTemplate, Now = now.ToUnixTimeMilliseconds() }));

    /// <summary>Removes one event type, or all when <paramref name="eventCode"/> is null.</summary>
    public Task DeleteEventsAsync(string providerId, string? eventCode) =>
        eventCode is null
            ? database.WriteAsync(s => s.Execute("DELETE FROM event_metadata WHERE provider_id = @providerId", new { providerId }))
            : database.WriteAsync(s => s.Execute(
                "DELETE FROM event_metadata WHERE provider_id = @providerId AND event_code = @eventCode", new { providerId, eventCode }));

    private sealed class ProviderRow
    {
        public string Id { get; init; } = "";
        public string OrganizationId { get; init; } = "";
        public string ProjectId { get; init; } = "";
        public string WorkspaceId { get; init; } = "";
        public string ProviderMetadata { get; init; } = "";
        public string InstanceId { get; init; } = "";
        public string Name { get; init; } = "";
        public string Label { get; init; } = "";
        public string Description { get; init; } = "";
        public string? DocsUrl { get; init; }
        public string Publisher { get; init; } = "";
        public string DataResidencyRegion { get; init; } = "";
        public long CreatedAt { get; init; }
        public long UpdatedAt { get; init; }

        public static ProviderRow Of(Provider p) => new()
        {
            Id = p.Id,
            OrganizationId = p.OrganizationId.Value,
            ProjectId = p.ProjectId.Value,
            WorkspaceId = p.WorkspaceId.Value,
            ProviderMetadata = p.ProviderMetadata,
            InstanceId = p.InstanceId,
            Name = p.Name,
            Label = p.Label,
            Description = p.Description,
            DocsUrl = p.DocsUrl,
            Publisher = p.Publisher,
            DataResidencyRegion = p.DataResidencyRegion,
            CreatedAt = p.CreatedAt.ToUnixTimeMilliseconds(),
            UpdatedAt = p.UpdatedAt.ToUnixTimeMilliseconds(),
        };

        public Provider ToProvider(IEnumerable<EventRow> events) => new()
        {
            Id = Id,
            OrganizationId = new OrganizationId(OrganizationId),
            ProjectId = new ProjectId(ProjectId),
            WorkspaceId = new WorkspaceId(WorkspaceId),
            ProviderMetadata = ProviderMetadata,
            InstanceId = InstanceId,
            Name = Name,
            Label = Label,
            Description = Description,
            DocsUrl = DocsUrl,
            Publisher = Publisher,
            DataResidencyRegion = DataResidencyRegion,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
            UpdatedAt = DateTimeOffset.FromUnixTimeMilliseconds(UpdatedAt),
            Events = [.. events.Select(e => new EventMetadata
            {
                EventCode = e.EventCode,
                Label = e.Label,
                Description = e.Description,
                SampleEventTemplate = e.SampleEventTemplate,
            })],
        };
    }

    private sealed class EventRow
    {
        public string ProviderId { get; init; } = "";
        public string EventCode { get; init; } = "";
        public string Label { get; init; } = "";
        public string Description { get; init; } = "";
        public string? SampleEventTemplate { get; init; }
    }
}
