using Dapper;
using Signalbox.Events.Filters;
using Signalbox.Events.Health;
using Signalbox.Identity;
using Signalbox.Storage;

namespace Signalbox.Events.Registrations;

/// <summary>The tables <c>registrations</c> and <c>interests</c>, and <c>subscriber_filters</c> with them.</summary>
internal sealed class RegistrationStore(Database database)
{
    public async Task<IReadOnlyList<Registration>> LoadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var interests = (await connection.QueryAsync<InterestRow>(new CommandDefinition(
            "SELECT registration_key AS RegistrationKey, provider_id AS ProviderId, event_code AS EventCode FROM interests ORDER BY registration_key, position",
            cancellationToken: cancellationToken))).ToLookup(i => i.RegistrationKey);
        var rows = await connection.QueryAsync<RegistrationRow>(new CommandDefinition(
            $"SELECT {RegistrationRow.Columns} FROM registrations ORDER BY registration_key", cancellationToken: cancellationToken));
        var filters = (await connection.QueryAsync<FilterRow>(new CommandDefinition(FilterRow.SelectAll, cancellationToken: cancellationToken)))
            .ToDictionary(f => f.RegistrationKey);
        return [.. rows.Select(r => r.ToRegistration(interests[r.RegistrationKey].Select(i => new Interest(i.ProviderId, i.EventCode))) with
        {
            Filter = filters.GetValueOrDefault(r.RegistrationKey)?.ToFilter(),
        })];
    }

    /// <summary>True while deliveries are owed to it, retries that wait included.</summary>
    public async Task<bool> OwesAsync(long key, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            "SELECT EXISTS (SELECT 1 FROM deliveries WHERE registration_key = @key)", new { key }, cancellationToken: cancellationToken));
    }

    /// <summary>Adds a registration under the next key, unless its name is taken or a quota is used up.</summary>
    public Task<(Registration? Added, RegistrationConflict? Conflict)> InsertAsync(Registration registration, int clientMax, int organizationMax) =>
        database.WriteAsync<(Registration?, RegistrationConflict?)>(session =>
        {
            // The counter's row lock lets one insert at a time pass on every node, so that names and counts hold.
            var key = session.ScalarPrepared<long>("UPDATE counters SET value = value + 1 WHERE name = 'registration_key' RETURNING value");
            if (FindName(session, registration) is { } holder)
            {
                return (null, new RegistrationConflict.NameTaken(holder));
            }

            var ids = new { Client = registration.ClientId.Value, Organization = registration.OrganizationId.Value };
            if (session.QuerySingleOrDefault<long>("SELECT COUNT(*) FROM registrations WHERE client_id = @Client AND deleted_at IS NULL", ids) >= clientMax)
            {
                return (null, new RegistrationConflict.ClientQuota(clientMax));
            }

            if (session.QuerySingleOrDefault<long>("SELECT COUNT(*) FROM registrations WHERE organization_id = @Organization AND deleted_at IS NULL", ids) >= organizationMax)
            {
                return (null, new RegistrationConflict.OrganizationQuota(organizationMax));
            }

            var added = registration with { Key = key };
            StatusHistory.Note(session, added);
            session.Execute(
                """
                INSERT INTO registrations (registration_key, registration_id, organization_id, project_id, workspace_id,
                  client_id, credential_id, name, description, delivery_type, webhook_url, runtime_action, handler_suffix,
                  handler_pending, enabled, webhook_status, delivery_rate_per_second, ordered_delivery,
                  aws_region, aws_account_id, created_at, updated_at, measured_since)
                VALUES (@RegistrationKey, @RegistrationId, @OrganizationId, @ProjectId, @WorkspaceId,
                  @ClientId, @CredentialId, @Name, @Description, @DeliveryType, @WebhookUrl, @RuntimeAction, @HandlerSuffix,
                  @HandlerPending, @Enabled, @WebhookStatus, @DeliveryRatePerSecond, @OrderedDelivery,
                  @AwsRegion, @AwsAccountId, @CreatedAt, @UpdatedAt, @MeasuredSince)
                """,
                RegistrationRow.Of(added));
            InsertInterests(session, added);
            FilterStore.Write(session, added.Key, added.Filter);
            return (added, null);
        });

    /// <summary>Stores everything that an edit may change, unless the new name is taken.</summary>
    public Task<RegistrationConflict?> UpdateAsync(Registration before, Registration registration) =>
        database.WriteAsync<RegistrationConflict?>(session =>
        {
            session.Execute("UPDATE counters SET value = value WHERE name = 'registration_key'");
            if (FindName(session, registration) is { } holder)
            {
                return new RegistrationConflict.NameTaken(holder);
            }

            StatusHistory.Note(session, registration);
            session.Execute(
                """
                UPDATE registrations SET name = @Name, description = @Description, delivery_type = @DeliveryType,
                  webhook_url = @WebhookUrl, proven_url = @ProvenUrl, runtime_action = @RuntimeAction, handler_suffix = @HandlerSuffix,
                  handler_pending = @HandlerPending, enabled = @Enabled, webhook_status = @WebhookStatus,
                  delivery_rate_per_second = @DeliveryRatePerSecond, ordered_delivery = @OrderedDelivery,
                  aws_region = @AwsRegion, aws_account_id = @AwsAccountId, updated_at = @UpdatedAt,
                  measured_since = @MeasuredSince
                WHERE registration_key = @RegistrationKey
                """,
                RegistrationRow.Of(registration));
            EndPause(session, before, registration);
            if (registration.WebhookUrl is null)
            {
                // No new challenge takes its place, so an earlier validation URL goes here.
                session.Execute("DELETE FROM validations WHERE registration_key = @Key", new { registration.Key });
            }

            session.Execute("DELETE FROM interests WHERE registration_key = @Key", new { registration.Key });
            InsertInterests(session, registration);
            FilterStore.Write(session, registration.Key, registration.Filter);
            return null;
        });

    /// <summary>Stores status, enabled, deletion and the handler's state; the rest stays.</summary>
    /// <param name="before">As it stands.</param>
    /// <param name="registration">As it is to stand.</param>
    /// <param name="judged">The attempts that changed its status, when attempts did.</param>
    /// <param name="also">Is done in the same commit.</param>
    public Task UpdateStateAsync(Registration before, Registration registration, AttemptTally? judged = null, Action<WriteSession>? also = null) =>
        database.WriteAsync(session =>
        {
            StatusHistory.Note(session, registration, judged);
            session.Execute(
                """
                UPDATE registrations SET handler_pending = @HandlerPending, enabled = @Enabled, webhook_status = @WebhookStatus,
                  updated_at = @UpdatedAt, measured_since = @MeasuredSince, deleted_at = @DeletedAt
                WHERE registration_key = @RegistrationKey
                """,
                RegistrationRow.Of(registration));
            EndPause(session, before, registration);
            also?.Invoke(session);
        });

    /// <summary>
    /// Removes a deleted registration and all that hangs on it, unless a delivery or a place in its journal is left.
    /// Returns whether it is gone.
    /// </summary>
    public Task<bool> PurgeAsync(long key) =>
        database.WriteAsync(session =>
        {
            var isGone = session.Execute(
                """
                DELETE FROM registrations WHERE registration_key = @key AND deleted_at IS NOT NULL
                  AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.registration_key = @key)
                  AND NOT EXISTS (SELECT 1 FROM journal j WHERE j.registration_key = @key)
                  AND NOT EXISTS (SELECT 1 FROM dead_letters l WHERE l.registration_key = @key)
                """,
                new { key }) == 1;
            if (isGone)
            {
                session.Execute("DELETE FROM interests WHERE registration_key = @key", new { key });
                session.Execute("DELETE FROM subscriber_filters WHERE registration_key = @key", new { key });
                session.Execute("DELETE FROM journal_expiry WHERE registration_key = @key", new { key });
                session.Execute("DELETE FROM traces WHERE registration_key = @key", new { key });
                session.Execute("DELETE FROM delivery_pauses WHERE registration_key = @key", new { key });
                session.Execute("DELETE FROM challenge_results WHERE registration_key = @key", new { key });
                session.Execute("DELETE FROM validations WHERE registration_key = @key", new { key });
                session.Execute("DELETE FROM dead_letter_drops WHERE registration_key = @key", new { key });
                session.Execute("DELETE FROM replays WHERE registration_key = @key", new { key });
                session.Execute("DELETE FROM status_changes WHERE registration_key = @key", new { key });
            }

            return isGone;
        });

    /// <summary>What its endpoint asked for is kept exactly as long as its lane keeps it.</summary>
    private static void EndPause(WriteSession session, Registration before, Registration after)
    {
        if (after.BeginsAfresh(before))
        {
            session.Execute("DELETE FROM delivery_pauses WHERE registration_key = @Key", new { after.Key });
        }
    }

    private static string? FindName(WriteSession session, Registration registration) =>
        session.QuerySingleOrDefault<string>(
            "SELECT registration_id FROM registrations WHERE workspace_id = @Workspace AND name = @Name AND deleted_at IS NULL AND registration_id <> @Id",
            new { Workspace = registration.WorkspaceId.Value, registration.Name, Id = registration.Id.ToString() });

    private static void InsertInterests(WriteSession session, Registration registration)
    {
        for (var i = 0; i < registration.Interests.Count; i++)
        {
            session.ExecutePrepared(
                "INSERT INTO interests (registration_key, position, provider_id, event_code) VALUES (@key, @position, @provider, @code)",
                ("key", registration.Key), ("position", i), ("provider", registration.Interests[i].ProviderId), ("code", registration.Interests[i].EventCode));
        }
    }

    private sealed class InterestRow
    {
        public long RegistrationKey { get; init; }
        public string ProviderId { get; init; } = "";
        public string EventCode { get; init; } = "";
    }
}

/// <summary>Why a registration cannot be stored.</summary>
internal abstract record RegistrationConflict
{
    internal sealed record NameTaken(string RegistrationId) : RegistrationConflict;

    internal sealed record ClientQuota(int Max) : RegistrationConflict;

    internal sealed record OrganizationQuota(int Max) : RegistrationConflict;
}
