using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Signalbox.Events.Challenges;
using Signalbox.Events.Delivery;
using Signalbox.Events.Edge;
using Signalbox.Events.Health;
using Signalbox.Identity;

namespace Signalbox.Events.Registrations;

/// <summary>The rules of registrations (events behaviour, section 5). How crashes are survived: <see cref="RegistrationSettler"/>.</summary>
internal sealed class RegistrationService(
    RegistrationDirectory directory,
    RegistrationStore store,
    RegistrationRules rules,
    RegistrationSettler settler,
    IWebhookChallenge challenge,
    ChallengePace pace,
    EditTurns turns,
    IdentityDirectory identity,
    HealthLedger health,
    EventsOptions options,
    TimeProvider clock) : IRegistrations
{
    /// <summary>What a client is told when the runtime does not answer.</summary>
    private const int RetryAfterSeconds = 5;

    /// <summary>How often a patch is applied anew to what others made of the registration meanwhile.</summary>
    private const int PatchRoundsMax = 5;

    private const string SuffixAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    public async ValueTask<Outcome<Registration>> FindAsync(string id, Workspace workspace, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var guid)
        && await directory.FindAsync(new RegistrationId(guid), cancellationToken) is { } registration
        && registration.WorkspaceId == workspace.WorkspaceId
            ? registration
            : Unknown(id);

    /// <summary>A workspace's live registrations, oldest first; looked up as they are asked for.</summary>
    public async ValueTask<IEnumerable<Registration>> ListAsync(WorkspaceId workspace, CancellationToken cancellationToken) =>
        (await directory.GetIndexAsync(cancellationToken)).Of(workspace);

    /// <summary>One page of an organization's live registrations, oldest first, and how many there are in all.</summary>
    public async ValueTask<(IReadOnlyList<Registration> Page, int Total)> ListAsync(
        OrganizationId organization, RegistrationPage page, CancellationToken cancellationToken) =>
        (await directory.GetIndexAsync(cancellationToken)).Page(organization, page.Number, page.Size);

    public async ValueTask<RegistrationListing> ListAsync(Workspace workspace, RegistrationQuery query, CancellationToken cancellationToken)
    {
        var limit = Math.Clamp(query.Limit, 1, RegistrationQuery.LimitMax);
        var all = (await directory.GetIndexAsync(cancellationToken)).Of(workspace.WorkspaceId).ToList();
        var wanted = all
            .Where(r => string.IsNullOrEmpty(query.Name) || r.Name.Contains(query.Name, StringComparison.OrdinalIgnoreCase))
            .Where(r => query.State is null || r.State == query.State)
            .OrderByDescending(r => r.Key)
            .ToList();
        List<Registration> page = query.NewerThan is { } newer ? [.. wanted.Where(r => r.Key > newer).TakeLast(limit)]
            : query.OlderThan is { } older ? [.. wanted.Where(r => r.Key < older).Take(limit)]
            : [.. wanted.Take(limit)];
        return page.Count == 0
            ? new RegistrationListing([], HasNewer: query.OlderThan is not null && wanted.Count > 0, HasOlder: query.NewerThan is not null && wanted.Count > 0, all.Count > 0)
            : new RegistrationListing(page, wanted[0].Key > page[0].Key, wanted[^1].Key < page[^1].Key, WorkspaceHasAny: true);
    }

    public async Task<Outcome<Registration>> CreateAsync(Workspace workspace, RegistrationBody body, CancellationToken cancellationToken)
    {
        if ((await FindCredentialAsync(workspace, body.ClientId, cancellationToken)).IsRefused(out var refusal, out var credential)
            || (await rules.CheckAsync(workspace, null, body, cancellationToken)).IsRefused(out refusal, out var settings))
        {
            return refusal;
        }

        if (FindObjectionToChallenge(workspace, settings.WebhookUrl) is { } tooMany)
        {
            return tooMany;
        }

        var now = Now();
        var registration = new Registration
        {
            Key = 0,
            Id = new RegistrationId(Guid.NewGuid()),
            OrganizationId = workspace.OrganizationId,
            ProjectId = workspace.ProjectId,
            WorkspaceId = workspace.WorkspaceId,
            ClientId = credential.ClientId,
            CredentialId = credential.Id,
            Name = settings.Name,
            Description = settings.Description,
            DeliveryType = settings.DeliveryType,
            WebhookUrl = settings.WebhookUrl,
            RuntimeAction = settings.RuntimeAction,
            HandlerSuffix = settings.RuntimeAction is null ? null : NewSuffix(),
            IsHandlerPending = settings.RuntimeAction is not null,
            IsEnabled = settings.IsEnabled,
            Destination = settings.Destination,
            Status = settings.DeliveryType switch
            {
                DeliveryType.Journal => WebhookStatus.Verified,
                DeliveryType.AwsEventBridge => WebhookStatus.Pending,
                _ => WebhookStatus.Accepted,
            },
            DeliveryRatePerSecond = settings.DeliveryRatePerSecond,
            IsOrdered = settings.IsOrdered,
            Interests = settings.Interests,
            Filter = settings.Filter,
            CreatedAt = now,
            UpdatedAt = now,
            MeasuredSince = now,
        };
        RegistrationConflict? conflict = null;
        var added = await directory.ChangeAsync(
            async _ =>
            {
                (var stored, conflict) = await store.InsertAsync(
                    registration, options.RegistrationsPerClientMax, options.RegistrationsPerOrganizationMax);
                return stored;
            },
            cancellationToken);

        // From here on the registration exists: a caller that goes away must not leave it half done.
        return added is null ? Refuse(conflict!, registration.Name) : await settler.SettleAsync(added, CancellationToken.None);
    }

    /// <summary>Changes a registration to what is asked, whatever it was.</summary>
    public Task<Outcome<Registration>> UpdateAsync(
        Workspace workspace, Registration registration, IfMatch condition, RegistrationBody body, CancellationToken cancellationToken) =>
        InTurnAsync(
            registration,
            async current => condition.FindObjection(current.Tag, Named(current)) is { } objection
                ? objection
                : await CommitAsync(workspace, current, condition, body, cancellationToken),
            cancellationToken);

    async Task<Outcome<Registration>> IRegistrations.UpdateAsync(
        Workspace workspace, Registration seen, RegistrationBody body, CancellationToken cancellationToken) =>
        await directory.FindAsync(seen.Id, cancellationToken) is { } current
            ? await UpdateAsync(workspace, current, IfMatch.Exactly(seen.Tag), body, cancellationToken)
            : Unknown(seen.Id.ToString());

    /// <summary>
    /// Changes a registration to what a patch makes of it. Between reading and committing lies the challenge, so another
    /// edit may come first: then the patch is applied again, to what that edit left.
    /// </summary>
    public Task<Outcome<Registration>> PatchAsync(
        Workspace workspace, Registration registration, IfMatch condition, JsonPatch patch, CancellationToken cancellationToken) =>
        InTurnAsync(registration, current => PatchInTurnAsync(workspace, current, condition, patch, cancellationToken), cancellationToken);

    private async Task<Outcome<Registration>> PatchInTurnAsync(
        Workspace workspace, Registration registration, IfMatch condition, JsonPatch patch, CancellationToken cancellationToken)
    {
        for (var round = 0; round < PatchRoundsMax; round++)
        {
            var tag = registration.Tag;
            if (condition.FindObjection(tag, Named(registration)) is { } objection)
            {
                return objection;
            }

            if (patch.ApplyTo(RegistrationBody.Of(registration), EventsJson.Default.RegistrationBody).IsRefused(out var refusal, out var body))
            {
                return refusal;
            }

            // Here an absent list means that the patch removed it.
            body = body with { SubscriberFilters = body.SubscriberFilters ?? [] };
            var patched = await CommitAsync(workspace, registration, IfMatch.Exactly(tag), body, cancellationToken);
            if (patched.Refusal is not { Status: StatusCodes.Status412PreconditionFailed })
            {
                return patched;
            }

            if (await directory.FindAsync(registration.Id, cancellationToken) is not { } current)
            {
                return Unknown(registration.Id.ToString());
            }

            registration = current;
        }

        return ApiRefusal.Conflict($"{Named(registration)} was changed by others {PatchRoundsMax} times while this patch was tried. Send it again.");
    }

    /// <summary>Edits a registration as it stands once the edits before are done.</summary>
    private async Task<Outcome<Registration>> InTurnAsync(
        Registration registration, Func<Registration, Task<Outcome<Registration>>> edit, CancellationToken cancellationToken)
    {
        using var turn = await turns.WaitAsync(registration.Key, cancellationToken);
        return turn is null
                ? ApiRefusal.TooManyRequests(
                    $"{Named(registration)} has {EditTurns.PerRegistrationMax} edits under way, which is the most. Each challenges its endpoint and waits for those before it. Send this one again when they are done.",
                    RetryAfterSeconds)
            : await directory.FindAsync(registration.Id, cancellationToken) is { } current ? await edit(current)
            : Unknown(registration.Id.ToString());
    }

    private async Task<Outcome<Registration>> CommitAsync(
        Workspace workspace, Registration registration, IfMatch condition, RegistrationBody body, CancellationToken cancellationToken)
    {
        if ((await rules.CheckAsync(workspace, registration, body, cancellationToken)).IsRefused(out var refusal, out var settings))
        {
            return refusal;
        }

        if (FindObjectionToChallenge(workspace, settings.WebhookUrl) is { } tooMany)
        {
            return tooMany;
        }

        var candidate = registration with
        {
            Name = settings.Name,
            Description = settings.Description,
            DeliveryType = settings.DeliveryType,
            WebhookUrl = settings.WebhookUrl,
            RuntimeAction = settings.RuntimeAction,
            HandlerSuffix = registration.HandlerSuffix ?? (settings.RuntimeAction is null ? null : NewSuffix()),
            Destination = settings.Destination,
            IsEnabled = settings.IsEnabled,
            DeliveryRatePerSecond = settings.DeliveryRatePerSecond,
            IsOrdered = settings.IsOrdered,
            Interests = settings.Interests,
        };
        if ((await PrepareAsync(registration, candidate, cancellationToken)).IsRefused(out refusal, out var prepared))
        {
            return refusal;
        }

        RegistrationConflict? conflict = null;
        ApiRefusal? overtaken = null;
        var updated = await directory.ChangeAsync(
            async index =>
            {
                if (index.Find(registration.Id) is not { } current)
                {
                    return null;
                }

                overtaken = condition.FindObjection(current.Tag, Named(current));
                if (overtaken is not null)
                {
                    return null;
                }

                // Strictly later, so that a settling of the state before knows that it came too late.
                var at = current.Later(clock.GetUtcNow());
                var status = FindStatus(current, candidate, prepared);
                var next = candidate with
                {
                    Status = status,
                    IsEnabled = candidate.IsEnabled && status != WebhookStatus.VerificationFailed,
                    UpdatedAt = at,
                    MeasuredSince = at,

                    // By what stands now: another edit may have given it a handler since this one began.
                    HandlerSuffix = current.HandlerSuffix ?? candidate.HandlerSuffix,
                    IsHandlerPending = candidate.RuntimeAction is not null || current.RuntimeAction is not null || current.IsHandlerPending,
                    ProvenUrl = current is { WebhookUrl: { } url, IsProven: true } ? url : current.ProvenUrl,
                    Filter = settings.SetsFilter ? settings.Filter : current.Filter,
                };
                conflict = await store.UpdateAsync(current, next);
                if (conflict is not null)
                {
                    return null;
                }

                health.Restart(next.Key, next.MeasuredSince);
                return next;
            },
            CancellationToken.None);
        if (updated is null)
        {
            // The handler was led ahead of an edit that did not come, perhaps because of a deletion.
            await settler.LeadBackAsync(registration.Key, CancellationToken.None);
        }

        return updated is not null ? await settler.SettleAsync(updated, CancellationToken.None)
            : overtaken is not null ? overtaken
            : conflict is not null ? Refuse(conflict, candidate.Name)
            : Unknown(registration.Id.ToString());
    }

    Task IRegistrations.DeleteAsync(Registration registration) => DeleteAsync(registration, IfMatch.Any);

    public async Task<ApiRefusal?> DeleteAsync(Registration registration, IfMatch condition)
    {
        ApiRefusal? refusal = null;
        var deleted = await directory.ChangeAsync(
            async index =>
            {
                if (index.Find(registration.Id) is not { } current)
                {
                    refusal = Unknown(registration.Id.ToString());
                    return null;
                }

                refusal = condition.FindObjection(current.Tag, Named(current));
                if (refusal is not null)
                {
                    return null;
                }

                var next = current with
                {
                    DeletedAt = Now(),
                    UpdatedAt = current.Later(clock.GetUtcNow()),
                    IsHandlerPending = current.HandlerSuffix is not null,
                };
                await store.UpdateStateAsync(current, next);
                return next;
            },
            CancellationToken.None);
        if (deleted is { IsHandlerPending: true })
        {
            await settler.SettleAsync(deleted, CancellationToken.None);
        }

        return refusal;
    }

    /// <summary>
    /// What must be done before an edit is committed, so that no event falls between the old state and the new one:
    /// a webhook is probed while the old settings still deliver; a handler learns the new events before they reach it.
    /// </summary>
    /// <returns>The status to commit, unless <see cref="FindStatus"/> knows better by then.</returns>
    private async Task<Outcome<WebhookStatus>> PrepareAsync(Registration before, Registration candidate, CancellationToken cancellationToken)
    {
        if (candidate.DeliveryType == DeliveryType.Journal)
        {
            return WebhookStatus.Verified;
        }

        if (candidate.Destination is not null)
        {
            return WebhookStatus.Pending;
        }

        if (candidate.RuntimeAction is null)
        {
            return await challenge.ProbeAsync(candidate, cancellationToken);
        }

        if (before.RuntimeAction is null || !before.IsPushing)
        {
            return WebhookStatus.Accepted;
        }

        // The mark first: after a crash in the middle, settling leads the handler back to the row.
        var marked = await directory.ChangeAsync(
            async index =>
            {
                if (index.Find(before.Id) is not { } current)
                {
                    return null;
                }

                var next = current with { IsHandlerPending = true, UpdatedAt = current.Later(clock.GetUtcNow()) };
                await store.UpdateStateAsync(current, next);
                return next;
            },
            cancellationToken);
        if (marked is null)
        {
            return Unknown(before.Id.ToString());
        }

        if (!await settler.TrySaveHandlerAsync(candidate, candidate.Interests.Union(before.Interests), CancellationToken.None))
        {
            return ApiRefusal.Unavailable(
                $"The handler of the action '{FieldChecks.Shown(candidate.RuntimeAction)}' cannot be changed now, so the registration stays as it was. Try again in a moment.",
                RetryAfterSeconds);
        }

        return await challenge.ProbeAsync(candidate, CancellationToken.None);
    }

    /// <summary>The status of an edit over what it meets: much may have happened since it was prepared.</summary>
    private static WebhookStatus FindStatus(Registration current, Registration candidate, WebhookStatus prepared)
    {
        if (candidate.Destination is { } destination)
        {
            // There is no challenge: what was associated stays so, unless it is another account or region now.
            var isAssociated = current.Destination == destination && current.Status is WebhookStatus.Verified or WebhookStatus.Unstable or WebhookStatus.HookUnreachable;
            return isAssociated ? WebhookStatus.Verified : prepared;
        }

        // A handler that another edit took away meanwhile is made and challenged anew.
        return candidate.RuntimeAction is not null && current.RuntimeAction is null ? WebhookStatus.Accepted : prepared;
    }

    private ApiRefusal? FindObjectionToChallenge(Workspace workspace, Uri? url) =>
        url is not null && pace.SecondsToWait(workspace.OrganizationId, url) is > 0 and var seconds
            ? ApiRefusal.TooManyRequests(
                $"The organization had webhooks at {FieldChecks.Shown(url.Authority)} challenged {options.ChallengesPerTargetMax} times within {ChallengePace.Window.TotalSeconds} s, which is the most: each registration that is created or edited is a challenge. Wait {seconds} s, or have the operator raise Events:ChallengesPerTargetMax.",
                seconds)
            : null;

    private async Task<Outcome<Credential>> FindCredentialAsync(Workspace workspace, string? clientId, CancellationToken cancellationToken)
    {
        var checks = new FieldChecks();
        checks.Required("client_id", clientId, 3, 128, FieldChecks.EventCode);
        if (checks.Refusal is { } refusal)
        {
            return refusal;
        }

        return await identity.FindCredentialAsync(new ClientId(clientId!), cancellationToken) is { } credential
            && credential.Workspace.WorkspaceId == workspace.WorkspaceId
            ? credential
            : ApiRefusal.BadField("client_id", $"'client_id' is '{clientId}', which is no credential of workspace {workspace.WorkspaceId}. Give the client id of one that is.");
    }

    private DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());

    private static string Named(Registration registration) => $"Registration {registration.Id}";

    private static string NewSuffix() => RandomNumberGenerator.GetString(SuffixAlphabet, 10);

    private static ApiRefusal Unknown(string id) => ApiRefusal.NotFound($"The workspace has no registration '{FieldChecks.Shown(id)}'. GET its 'registrations' to see which it has.");

    private static ApiRefusal Refuse(RegistrationConflict conflict, string name) => conflict switch
    {
        RegistrationConflict.NameTaken taken => ApiRefusal.Conflict(
            $"The workspace already has a registration with the name '{FieldChecks.Shown(name)}': {taken.RegistrationId}. Update it, or choose another name.", taken.RegistrationId),
        RegistrationConflict.ClientQuota quota => ApiRefusal.Conflict(
            $"The client id has {quota.Max} registrations, which is the most. Delete one, or have the operator raise Events:RegistrationsPerClientMax."),
        RegistrationConflict.OrganizationQuota quota => ApiRefusal.Conflict(
            $"The organization has {quota.Max} registrations, which is the most. Delete one, or have the operator raise Events:RegistrationsPerOrganizationMax."),
        _ => throw new ArgumentOutOfRangeException(nameof(conflict), conflict, null),
    };
}
